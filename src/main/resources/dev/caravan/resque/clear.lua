-- how many there should be. Answers how many there are; when it is that number, they are gone.
local expected = tonumber(word())
local count = redis.call('LLEN', prefix .. 'failed')
if count == expected then
  redis.call('DEL', prefix .. 'failed', prefix .. 'caravan:dead')
end
return count
