-- node; its workers take nothing any more and have nothing. What it has after all goes back to where it came from.
local node = word()
local mine = prefix .. 'caravan:inflight:' .. node
local tokens = redis.call('HKEYS', mine)
table.sort(tokens, function(a, b) return a > b end)
for _, token in ipairs(tokens) do
  local queue, _, raw = open(redis.call('HGET', mine, token))
  putBack(queue, raw)
end
forget(redis.call('SMEMBERS', prefix .. 'caravan:ids:' .. node))
redis.call('DEL', mine, prefix .. 'caravan:ids:' .. node)
redis.call('HDEL', prefix .. 'caravan:nodes', node)
return #tokens
