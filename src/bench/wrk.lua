-- Prints one line of JSON. Arguments: nothing for GET; "POST" and the size of the body for an asynchronous call, of
-- which only the 202s count.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  accepted = 0
  if args[1] == "POST" then
    wrk.method = "POST"
    wrk.body = string.rep("x", tonumber(args[2]))
    wrk.headers["Content-Type"] = "application/octet-stream"
    response = function(status)
      if status == 202 then
        accepted = accepted + 1
      end
    end
  end
end

function done(summary, latency, requests)
  local counted = 0
  for _, thread in ipairs(threads) do
    counted = counted + thread:get("accepted")
  end
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"accepted":%d,"micros":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, counted, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
