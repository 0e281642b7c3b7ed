-- Words that the other scripts share; it stands in front of each. ARGV[1] is the namespace.
--
-- A job that somebody has is kept as QUEUE-LENGTH:WORKER-LENGTH:QUEUE WORKER BYTES, under its token, in
--   caravan:inflight:NODE   while a worker of that node has it
--   caravan:handed          while it is a call in Caravan's own queue
local at = 1
local function word()
  local value = ARGV[at]
  at = at + 1
  return value
end

local prefix = word()

local function keep(queue, worker, raw)
  return #queue .. ':' .. #worker .. ':' .. queue .. worker .. raw
end

local function open(kept)
  local queueLength, workerLength, from = string.match(kept, '^(%d+):(%d+):()')
  local raw = from + queueLength + workerLength
  return string.sub(kept, from, from + queueLength - 1), string.sub(kept, from + queueLength, raw - 1),
    string.sub(kept, raw)
end

-- With the bytes that Ruby and JavaScript write: who removes a record looks for them.
local function text(value)
  return (string.gsub(cjson.encode(value), '\\/', '/'))
end

-- How often a job's worker died under it, by what the job is: it has no name of its own.
local returns = prefix .. 'caravan:returns'

local function likeness(queue, raw)
  return redis.sha1hex(queue .. '\n' .. raw)
end

local function putBack(queue, raw)
  redis.call('SADD', prefix .. 'queues', queue)
  redis.call('LPUSH', prefix .. 'queue:' .. queue, raw)
end

-- resque-web and Ruby's workers know them no more.
local function forget(ids)
  for _, id in ipairs(ids) do
    redis.call('SREM', prefix .. 'workers', id)
    redis.call('HDEL', prefix .. 'workers:heartbeat', id)
    redis.call('DEL', prefix .. 'worker:' .. id, prefix .. 'worker:' .. id .. ':started',
      prefix .. 'stat:processed:' .. id, prefix .. 'stat:failed:' .. id)
  end
end
