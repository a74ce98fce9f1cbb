-- KEYS: record. ARGV: name, now, lifetime in ms, expected version, version, expiry, payload.
-- Answers 1 replaced, 0 gone, -1 not ours, or the record that is there in another version.
local name, now, lifetime, expected, version, expiry, payload =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local there = redis.call('GET', KEYS[1])
if not there then return 0 end
if not is_ours(there, name) then return -1 end
if not is_live(there, now) then return 0 end
if string.sub(there, 13, 20) ~= expected then return there end
local kept = string.sub(there, 29, is_owned(there) and 60 or 44)
redis.call('SET', KEYS[1], string.sub(there, 1, 12) .. version .. expiry .. kept .. payload, 'PX', lifetime)
return 1
