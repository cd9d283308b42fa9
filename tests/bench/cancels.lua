-- wrk: one DELETE /bookings/{id} a request, each id once. From the environment: BOOKINGS ("first-last"), of
-- which the threads take turns.
dofile("report.lua")
local first, last = os.getenv("BOOKINGS"):match("(%d+)-(%d+)")
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("thread_number", threads)
end

function init()
  id = tonumber(first) + thread_number - 1
end

function request()
  local path = "/bookings/" .. id
  -- wrk has two threads. When there are no more the last one is cancelled again, which changes nothing.
  id = id + 2 <= tonumber(last) and id + 2 or id
  return wrk.format("DELETE", path)
end
