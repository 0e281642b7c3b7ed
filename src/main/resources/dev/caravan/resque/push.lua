-- queue, bytes; and, for later: the second at which it is due.
local queue, raw, due = word(), word(), word()
if not due then
  redis.call('SADD', prefix .. 'queues', queue)
  return redis.call('RPUSH', prefix .. 'queue:' .. queue, raw)
end
redis.call('RPUSH', prefix .. 'delayed:' .. due, raw)
redis.call('SADD', prefix .. 'timestamps:' .. raw, 'delayed:' .. due)
return redis.call('ZADD', prefix .. 'delayed_queue_schedule', due, due)
