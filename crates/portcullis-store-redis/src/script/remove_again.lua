-- A removal that was acknowledged, asked for again after a failover that may have lost it: the record goes if it is the
-- one that was removed, in whatever version, and not one that has been created under its key since.
-- KEYS: record, index. ARGV: name, birth. Answers 1 if it had come back, else 0.
local there = redis.call('GET', KEYS[1])
if not there or not is_ours(there, ARGV[1]) or created_at(there) ~= ARGV[2] then return 0 end
delete(there, KEYS[1], KEYS[2])
return 1
