-- KEYS: index, epochs, then the records. ARGV: now, owner, spaces (a byte each), epochs to reach (or none), then the
-- members of the records. Answers {1, how many were alive, the epoch of each space}; or {0, all members}, and has
-- changed nothing, if the index holds one whose record was not declared.
--
-- Epochs to reach are those of a call that was acknowledged, asked for again after a failover that may have lost it.
-- An epoch then rises to that and no further, and what was created under it or later is spared.
local now, owner, spaces, reached = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local declared = {}
for at = 5, #ARGV do declared[ARGV[at]] = KEYS[at - 2] end

local members, all_declared = {}, true
for at = 1, #spaces do
  local byte = string.byte(spaces, at)
  local found = redis.call('ZRANGEBYLEX', KEYS[1], '[' .. owner .. string.char(byte), '(' .. owner .. string.char(byte + 1))
  for _, member in ipairs(found) do
    members[#members + 1] = member
    if not declared[member] then all_declared = false end
  end
end
if not all_declared then return {0, members} end

local epochs, floors = {}, {}
for at = 1, #spaces do
  local field = owner .. string.sub(spaces, at, at)
  local epoch
  if reached == '' then
    epoch = big_endian(redis.call('HINCRBY', KEYS[2], 'n', 1))
  else
    epoch = string.sub(reached, at * 8 - 7, at * 8)
    floors[string.sub(spaces, at, at)] = epoch
    local high, low = struct.unpack('>I4I4', epoch)
    local count = high * 4294967296 + low
    if tonumber(redis.call('HGET', KEYS[2], 'n') or 0) < count then
      redis.call('HSET', KEYS[2], 'n', string.format('%.0f', count))
    end
    local current = redis.call('HGET', KEYS[2], field)
    if current and not less(current, epoch) then epoch = current end
  end
  redis.call('HSET', KEYS[2], field, epoch)
  epochs[at] = epoch
end

local alive = 0
for _, member in ipairs(members) do
  local key = declared[member]
  local there = redis.call('GETRANGE', key, 0, 59)
  local is_it = there ~= '' and is_owned(there) and member_of(there, key) == member
  local floor = floors[string.sub(member, 17, 17)]
  local spared = is_it and floor and not less(epoch_of(there), floor)
  if not spared then
    if is_it then
      if is_live(there, now) then alive = alive + 1 end
      redis.call('DEL', key)
    end
    redis.call('ZREM', KEYS[1], member)
  end
end
return {1, alive, unpack(epochs)}
