-- wrk: one POST /bookings a request, users in turn. From the environment: EVENT_ID, USERS ("first-last")
-- and KEYS: "new" sends a new Idempotency-Key with each, which no other run of wrk sends.
dofile("report.lua")
local event_id = os.getenv("EVENT_ID")
local first_user, last_user = os.getenv("USERS"):match("(%d+)-(%d+)")
first_user, last_user = tonumber(first_user), tonumber(last_user)
local user_id = first_user + math.random(0, last_user - first_user)
local headers = { ["Content-Type"] = "application/json" }
local sends_keys = os.getenv("KEYS") == "new"
local requests, threads = 0, 0

-- Each thread has its own state and the same random numbers: what tells them apart is given to it.
function setup(thread)
  threads = threads + 1
  thread:set("thread_number", threads)
end

function init()
  key_prefix = string.format("bench-%s-%s-", event_id, thread_number)
end

function request()
  user_id = user_id < last_user and user_id + 1 or first_user
  if sends_keys then
    requests = requests + 1
    headers["Idempotency-Key"] = key_prefix .. requests
  end
  local body = string.format('{"user_id":%d,"event_id":%s}', user_id, event_id)
  return wrk.format("POST", "/bookings", headers, body)
end
