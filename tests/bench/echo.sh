# shellcheck shell=bash
# The bare HTTP server beside which the service is measured: it gives the service's own answers.
# shellcheck disable=SC2154 # build_dir, scratch, users come from common.sh, run and fixtures.sh

start_echo() {
  local port
  new_events
  curl --silent --fail --include --max-time 10 --json "{\"user_id\":${USERS%-*},\"event_id\":$EVENT_ID}" \
    "$API_URL/bookings" >"$scratch/post"
  curl --silent --fail --include --max-time 10 "$API_URL/events/$EVENT_ID" >"$scratch/get"
  exec {echo_output}< <(exec "$build_dir/tests/bench/evently-bench-echo" "$scratch/post" "$scratch/get")
  echo_pid=$!
  read -r -t 10 port <&"$echo_output"
  # shellcheck disable=SC2034 # for the workloads
  echo_url=http://127.0.0.1:$port
}

stop_echo() { [[ ! ${echo_pid:-} ]] || kill "$echo_pid" 2>/dev/null || true; }
