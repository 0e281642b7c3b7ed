-- position, record, record that says it was tried again, queue, bytes, call (empty for none), worker.
-- Answers 1, or 0 when that record is not there any more.
local position, record, marked, queue, raw, call, worker = word(), word(), word(), word(), word(), word(), word()
local failed = prefix .. 'failed'
if redis.call('LINDEX', failed, position) ~= record then
  return 0
end
redis.call('LSET', failed, position, marked)
if call == '' then
  redis.call('SADD', prefix .. 'queues', queue)
  redis.call('RPUSH', prefix .. 'queue:' .. queue, raw)
else
  redis.call('SREM', prefix .. 'caravan:dead', call)
  redis.call('HSETNX', prefix .. 'caravan:handed', call, keep(queue, worker, raw))
end
return 1
