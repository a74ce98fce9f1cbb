-- Members whose records the engine has reclaimed leave the index. KEYS: index, then the records. ARGV: the members.
-- Answers how many left.
local left = 0
for at, member in ipairs(ARGV) do
  local key = KEYS[at + 1]
  local there = redis.call('GETRANGE', key, 0, 59)
  if there == '' or not is_owned(there) or member_of(there, key) ~= member then
    left = left + redis.call('ZREM', KEYS[1], member)
  end
end
return left
