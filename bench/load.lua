-- Load for wrk: `wrk ... -s load.lua <url> -- <GET|PUT> <users> <first>`. Each thread asks for that many usernames in turn,
-- beginning with the given one. It prints one line: requests, seconds, answers that are broken or not 2xx, and the 99th
-- percentile in milliseconds.

local letters = "abcdefghijklmnopqrstuvwxyz"
local requests = {}
local threads = 0

-- The nth username: n in base 26, in four letters.
local function username(n)
   local name = ""
   for _ = 1, 4 do
      local digit = n % 26 + 1
      name = letters:sub(digit, digit) .. name
      n = math.floor(n / 26)
   end
   return name
end

function setup(thread)
   thread:set("id", threads)
   threads = threads + 1
end

function init(args)
   local method, users = args[1], tonumber(args[2])
   local body, headers
   if method == "PUT" then
      body = '{"dateOfBirth":"1990-12-10"}'
      headers = { ["Content-Type"] = "application/json" }
   end
   for n = 0, users - 1 do
      requests[n] = wrk.format(method, "/hello/" .. username(n), headers, body)
   end
   -- The second of two threads begins half way round.
   sent = tonumber(args[3]) + id * math.floor(users / 2)
end

function request()
   sent = sent + 1
   return requests[sent % (#requests + 1)]
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   local seconds, p99 = summary.duration / 1e6, latency:percentile(99) / 1e3
   print(string.format("LOAD %d %.6f %d %.3f", summary.requests, seconds, failed, p99))
end
