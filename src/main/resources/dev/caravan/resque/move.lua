-- how many at most. Answers how many went to their queues, of the second that was due first; those that say no queue
-- stand in caravan:unreadable then.
local most = tonumber(word())
local schedule = prefix .. 'delayed_queue_schedule'
local due = redis.call('ZRANGEBYSCORE', schedule, '-inf', redis.call('TIME')[1], 'LIMIT', 0, 1)[1]
if not due then
  return 0
end
local list = prefix .. 'delayed:' .. due
local moved = 0
while moved < most do
  local item = redis.call('LPOP', list)
  if not item then
    redis.call('ZREM', schedule, due)
    break
  end
  redis.call('SREM', prefix .. 'timestamps:' .. item, 'delayed:' .. due)
  local good, job = pcall(cjson.decode, item)
  if good and type(job) == 'table' and type(job.queue) == 'string' then
    redis.call('SADD', prefix .. 'queues', job.queue)
    redis.call('RPUSH', prefix .. 'queue:' .. job.queue, item)
  else
    redis.call('RPUSH', prefix .. 'caravan:unreadable', item)
  end
  moved = moved + 1
end
return math.max(moved, 1)
