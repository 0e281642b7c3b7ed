-- node, lives (1 to say so, 0 when it was just said, - for one that takes nothing), run_at, again;
-- count, then for each job that is over: what, token, worker, record:
--   done; returned; handed, with the call that it is; failed, with what stands before and behind payload, worker and
--   queue in the record, in three lines; refused, with the whole record;
-- count, queues; count, then for each free place: token, worker (empty for one that is not shown), its name, order.
-- Answers: paused, queues that are no lists, jobs as {token, queue, bytes, returns}, how many are processed and failed now.
local node, lives, runAt, again = word(), word(), word(), word() == '1'
local mine, handed, nodes = prefix .. 'caravan:inflight:' .. node, prefix .. 'caravan:handed', prefix .. 'caravan:nodes'

if lives == '1' or (lives == '0' and redis.call('HEXISTS', nodes, node) == 0) then
  redis.call('HSET', nodes, node, redis.call('TIME')[1])
end

local haunted = redis.call('EXISTS', returns) == 1
local processed, failed = {}, {}

local function count(of, worker)
  of[worker] = (of[worker] or 0) + 1
  of.all = (of.all or 0) + 1
end

-- A job that is in nobody's hands any more was taken for dead and given to another: that one counts.
local function over(what, token, worker, record)
  -- Nearly always, so without a look at what it was.
  if what == 'done' and not haunted and redis.call('HDEL', mine, token) == 1 then
    count(processed, worker)
    return
  end
  local from = mine
  local kept = redis.call('HGET', from, token)
  if not kept then
    from = handed
    kept = redis.call('HGET', from, token)
  end
  if not kept then
    return
  end
  local queue, raw
  queue, worker, raw = open(kept)
  if what == 'returned' then
    putBack(queue, raw)
  else
    count(processed, worker)
    if what == 'failed' then
      local head, middle, rest = string.match(record, '^([^\n]*)\n([^\n]*)\n([^\n]*)$')
      record = head .. raw .. middle .. ',"worker":' .. text(worker) .. ',"queue":' .. text(queue) .. rest
    end
    if what ~= 'done' then
      redis.call('RPUSH', prefix .. 'failed', record)
      count(failed, worker)
      if from == handed then
        -- Its dead letter tells the same.
        redis.call('SADD', prefix .. 'caravan:dead', token)
      end
    end
    if haunted then
      redis.call('HDEL', returns, likeness(queue, raw))
    end
  end
  redis.call('HDEL', from, token)
end

local function hand(token, call)
  local kept = redis.call('HGET', mine, token)
  if kept then
    if redis.call('HSETNX', handed, call, kept) == 0 then
      -- Another job with the same key made this call already.
      local _, worker = open(kept)
      count(processed, worker)
    end
    redis.call('HDEL', mine, token)
  end
end

local idle = {}
for _ = 1, tonumber(word()) do
  local what, token, worker, record = word(), word(), word(), word()
  if what == 'handed' then
    hand(token, record)
  else
    over(what, token, worker, record)
  end
  if worker ~= '' then
    idle[worker] = true
  end
end

local function add(of, name)
  for worker, number in pairs(of) do
    if worker == 'all' then
      redis.call('INCRBY', prefix .. 'stat:' .. name, number)
    elseif redis.call('SISMEMBER', prefix .. 'workers', worker) == 1 then
      redis.call('INCRBY', prefix .. 'stat:' .. name .. ':' .. worker, number)
    end
  end
end
add(processed, 'processed')
add(failed, 'failed')

local queues, none, broken = {}, {}, {}
for i = 1, tonumber(word()) do
  queues[i] = word()
end

local function pop(i)
  if none[i] then
    return nil
  end
  local raw = redis.pcall('LPOP', prefix .. 'queue:' .. queues[i])
  if type(raw) == 'table' then
    table.insert(broken, queues[i])
    raw = nil
  end
  none[i] = not raw
  return raw
end

-- nil when all are empty.
local function take(order)
  if order == '' then
    for i = 1, #queues do
      local raw = pop(i)
      if raw then
        return queues[i], raw
      end
    end
  else
    for place in string.gmatch(order, '%d+') do
      local raw = pop(tonumber(place))
      if raw then
        return queues[tonumber(place)], raw
      end
    end
  end
end

-- Only what is surely an object: anything else breaks resque-web's pages. The text goes in as it is. Tools that know
-- node-resque look for the worker's name in the record, without its queues.
local function working(worker, queue, raw)
  local good, payload = pcall(cjson.decode, raw)
  if worker ~= '' and good and type(payload) == 'table' and string.find(raw, '^%s*{') then
    redis.call('SET', prefix .. 'worker:' .. worker,
      '{"queue":' .. text(queue) .. ',"run_at":"' .. runAt .. '","payload":' .. raw ..
        ',"worker":' .. text(string.match(worker, '^[^:]*:[^:]*')) .. '}')
    idle[worker] = nil
  end
end

local wanted = tonumber(word())
local pause = wanted > 0 and redis.call('GET', prefix .. 'pause-all-workers')
local paused = pause and string.lower(string.match(pause, '^%s*(.-)%s*$')) == 'true' or false
local jobs = {}
for _ = 1, wanted do
  local token, worker, name, order = word(), word(), word(), word()
  local kept = again and redis.call('HGET', mine, token)
  local queue, raw
  if kept then
    queue, _, raw = open(kept)
  elseif not paused then
    queue, raw = take(order)
    if raw then
      redis.call('HSET', mine, token, keep(queue, name, raw))
    end
  end
  if raw then
    working(worker, queue, raw)
    local before = haunted and redis.call('HGET', returns, likeness(queue, raw))
    table.insert(jobs, {token, queue, raw, before or '0'})
  end
end

for worker in pairs(idle) do
  redis.call('DEL', prefix .. 'worker:' .. worker)
end
return {paused and 1 or 0, broken, jobs, processed.all or 0, failed.all or 0}
