-- KEYS: record, index. ARGV: name, now, expected version (or none).
-- Answers 0 absent, -1 not ours, {1, record} removed, {2, record} there in another version.
local name, now, expected = ARGV[1], ARGV[2], ARGV[3]
local there = redis.call('GET', KEYS[1])
if not there then return 0 end
if not is_ours(there, name) then return -1 end
if not is_live(there, now) then
  delete(there, KEYS[1], KEYS[2])
  return 0
end
if expected ~= '' and string.sub(there, 13, 20) ~= expected then return {2, there} end
delete(there, KEYS[1], KEYS[2])
return {1, there}
