-- A record's fields, counted from 1 as Lua does; src/record.rs has the table.
local function expires_at(record) return string.sub(record, 21, 28) end
local function created_at(record) return string.sub(record, 29, 36) end
local function epoch_of(record) return string.sub(record, 37, 44) end
local function is_owned(record) return string.byte(record) == 2 end

-- Whether one big-endian number of 8 bytes is less than another. Not by `<`, which goes by the server's locale, nor as
-- one number, which has 53 bits.
local function less(a, b)
  local a_high, a_low = struct.unpack('>I4I4', a)
  local b_high, b_low = struct.unpack('>I4I4', b)
  return a_high < b_high or (a_high == b_high and a_low < b_low)
end

local function big_endian(number)
  return struct.pack('>I4I4', math.floor(number / 4294967296), number % 4294967296)
end

-- Whether it is a record of ours that names its own key.
local function is_ours(record, name)
  local format = string.byte(record)
  return (format == 1 or format == 2) and string.sub(record, 2, 12) == name
end

local function is_live(record, now) return less(now, expires_at(record)) end

-- The member of the index that stands for an owned record: owner, space, birth, id.
local function member_of(record, key)
  return string.sub(record, 45, 60) .. string.sub(record, 2, 2) .. created_at(record) .. string.sub(key, -32)
end

local function delete(record, key, index)
  redis.call('DEL', key)
  if is_owned(record) then redis.call('ZREM', index, member_of(record, key)) end
end
