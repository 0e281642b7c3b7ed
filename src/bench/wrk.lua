-- Prints one line of JSON. Arguments: nothing for GET; "POST" and the size of the body for an asynchronous call.
--
-- Accepted is what was answered below 400: the door says 202 or refuses, nothing else. A response() hook that looks at
-- each status would cost wrk more processor time than the requests themselves, taken from the server it measures.

function init(args)
  if args[1] == "POST" then
    wrk.method = "POST"
    wrk.body = string.rep("x", tonumber(args[2]))
    wrk.headers["Content-Type"] = "application/octet-stream"
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"accepted":%d,"micros":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.requests - errors.status, summary.duration, latency:percentile(50),
    latency:percentile(99), errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
