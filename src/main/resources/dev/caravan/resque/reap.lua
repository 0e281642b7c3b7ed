-- node, when it was last seen; then the tokens of those of its jobs that are calls in a queue of Caravan's.
-- Answers how many of its jobs went back; -1 when it lives.
local node, seen = word(), word()
if redis.call('HGET', prefix .. 'caravan:nodes', node) ~= seen then
  return -1
end
local mine = prefix .. 'caravan:inflight:' .. node
while at <= #ARGV do
  local token = word()
  local kept = redis.call('HGET', mine, token)
  if kept then
    redis.call('HSET', prefix .. 'caravan:handed', token, kept)
    redis.call('HDEL', mine, token)
  end
end
-- Tokens count up, so the one that was taken first is at the head again in the end.
local tokens = redis.call('HKEYS', mine)
table.sort(tokens, function(a, b) return a > b end)
for _, token in ipairs(tokens) do
  local queue, _, raw = open(redis.call('HGET', mine, token))
  redis.call('HINCRBY', returns, likeness(queue, raw), 1)
  putBack(queue, raw)
end
forget(redis.call('SMEMBERS', prefix .. 'caravan:ids:' .. node))
redis.call('DEL', mine, prefix .. 'caravan:ids:' .. node)
redis.call('HDEL', prefix .. 'caravan:nodes', node)
return #tokens
