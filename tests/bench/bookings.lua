-- wrk: one POST /bookings a request, users in turn. EVENT_ID and USERS come from the environment.
local event_id = os.getenv("EVENT_ID")
local first_user, last_user = os.getenv("USERS"):match("(%d+)-(%d+)")
local user_id = first_user + math.random(0, last_user - first_user)

function request()
  user_id = user_id < tonumber(last_user) and user_id + 1 or tonumber(first_user)
  local body = string.format('{"user_id":%d,"event_id":%s}', user_id, event_id)
  return wrk.format("POST", "/bookings", { ["Content-Type"] = "application/json" }, body)
end
