-- KEYS: record. ARGV: name, now, lifetime in ms, expiry. Answers 1 extended, 2 not needed, 0 gone, -1 not ours.
local name, now, lifetime, expiry = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local header = redis.call('GETRANGE', KEYS[1], 0, 43)
if header == '' then return 0 end
if not is_ours(header, name) then return -1 end
if not is_live(header, now) then return 0 end
if not less(expires_at(header), expiry) then return 2 end
redis.call('SETRANGE', KEYS[1], 20, expiry)
redis.call('PEXPIRE', KEYS[1], lifetime)
return 1
