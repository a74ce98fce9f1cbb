-- KEYS: record, index, epochs. ARGV: name, now, lifetime in ms, header up to the birth, owner (or none), space,
-- fence (or none), payload. Answers 1 created, 0 exists, 2 fenced, -1 not ours.
local name, now, lifetime, header, owner, space, fence, payload =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local there = redis.call('GET', KEYS[1])
if there then
  if not is_ours(there, name) then return -1 end
  if is_live(there, now) then return 0 end
  delete(there, KEYS[1], KEYS[2])
end
local epoch = string.rep('\0', 8)
if owner ~= '' then
  epoch = redis.call('HGET', KEYS[3], owner .. space) or epoch
  if fence ~= '' and fence ~= epoch then return 2 end
end
local record = header .. epoch .. owner .. payload
redis.call('SET', KEYS[1], record, 'PX', lifetime)
if owner ~= '' then redis.call('ZADD', KEYS[2], 0, member_of(record, KEYS[1])) end
return 1
