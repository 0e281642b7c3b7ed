-- node, started, heartbeat; then the ids of its workers. Again and again: others may have taken them for dead.
local node, started, heartbeat = word(), word(), word()
redis.call('HSET', prefix .. 'caravan:nodes', node, redis.call('TIME')[1])
while at <= #ARGV do
  local id = word()
  redis.call('SADD', prefix .. 'workers', id)
  redis.call('SETNX', prefix .. 'worker:' .. id .. ':started', started)
  redis.call('HSET', prefix .. 'workers:heartbeat', id, heartbeat)
  redis.call('SADD', prefix .. 'caravan:ids:' .. node, id)
end
return 1
