-- position, record, call (empty for none). Answers 1, or 0 when that record is not there any more.
local position, record, call = word(), word(), word()
local failed = prefix .. 'failed'
if redis.call('LINDEX', failed, position) ~= record then
  return 0
end
-- A list gives up an element only by what it is.
redis.call('LSET', failed, position, 'caravan:removed')
redis.call('LREM', failed, 1, 'caravan:removed')
if call ~= '' then
  redis.call('SREM', prefix .. 'caravan:dead', call)
end
return 1
