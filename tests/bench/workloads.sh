# shellcheck shell=bash
# Workloads that book or read, each on new events. A workload prints a sample: a JSON object with per_s, and
# commits_s, p50_ms, p99_ms, faults where they apply. Both load generators are closed loops.
# shellcheck disable=SC2154 # seconds, scratch, users, echo_url come from run, fixtures.sh and echo.sh

grace_s=60 # for a load generator to end by itself
ulimit -n "$(ulimit -Hn)" # thousands of connections

# Connections and caches.
warm_up() {
  local seconds=1
  workload_rest 64
  workload_sql book 1
}

# ---- over HTTP

# run_wrk CONNECTIONS URL SCRIPT [SECONDS]: prints what report.lua says.
run_wrk() {
  local said duration=${4:-$seconds}
  said=$(timeout $((duration + grace_s)) wrk --threads $(($1 < 2 ? 1 : 2)) --connections "$1" \
    --duration "${duration}s" --script "$3" "$2")
  grep '^{' <<<"$said"
}

# A sample from a report of run_wrk, where all answers were to be successes.
to_sample() {
  jq -c '. + {per_s: ((.requests - .refused) / .seconds), faults: (.refused + .lost + .timeouts)}'
}

# post_bookings CONNECTIONS [SECONDS]: on the events made before.
post_bookings() {
  local before report after answers faults
  before=$(transactions)
  report=$(run_wrk "$1" "$API_URL" bookings.lua "${2:-$seconds}")
  after=$(transactions)
  answers=$(jq '.requests - .refused' <<<"$report")
  faults=$(audit "$answers" $((answers + $1)))
  to_sample <<<"$report" | jq -c --argjson commits $((after - before)) --argjson faults "$faults" \
    '.commits_s = $commits / .seconds | .faults += $faults'
}

# CPU time of the service so far, in ms; the kernel counts in hundredths of a second.
api_cpu_ms() { awk '{print ($14 + $15) * 10}' "/proc/$(part_pid api)/stat"; }

api_status() { sed -n "s/^$1:[[:blank:]]*\([0-9]*\) kB$/\1/p" "/proc/$(part_pid api)/status"; }

workload_rest() { # connections
  local sample cpu_before_ms
  new_events
  # Where the peak cannot be reset it is that of all runs so far, which is more.
  echo 5 2>/dev/null >"/proc/$(part_pid api)/clear_refs" || true
  cpu_before_ms=$(api_cpu_ms)
  sample=$(post_bookings "$1")
  jq -c --argjson kb "$(api_status VmHWM)" --argjson cpu_ms $(($(api_cpu_ms) - cpu_before_ms)) --argjson seconds "$seconds" \
    '.rss_mb = $kb / 1024 | .cpu_us = $cpu_ms * 1000 / ([.per_s * $seconds, 1] | max)' <<<"$sample"
}

# Beside clients that only stay connected.
workload_rest_beside_idle() { # connections idle_connections
  local idle status=0
  exec {idle_output}< <(exec python3 idle_clients.py "$API_URL" "$2")
  idle=$!
  read -r -t 60 -u "$idle_output" _ || return 1
  workload_rest "$1" || status=$?
  kill "$idle" || true
  wait "$idle" || true
  return "$status"
}

workload_echo() { # connections
  run_wrk "$1" "$echo_url" bookings.lua | to_sample
}

# Nothing but refusals is right here.
refusals() { # connections
  local report faults
  new_events 1 64
  sql "${users[@]}" -v event_id="$EVENT_ID" \
    <<<'SELECT FROM evently.book(:first_user, :event_id, 64)'
  report=$(run_wrk "$1" "$API_URL" bookings.lua)
  faults=$(audit 1 1)
  jq -c --argjson faults "$faults" '. + {per_s: (.refused / .seconds),
    faults: (.requests - .refused + .lost + .timeouts + $faults)}' <<<"$report"
}
workload_refused() { refusals "$1"; }
workload_refused_keys() { KEYS=new refusals "$1"; }

workload_echo_get() { # connections
  run_wrk "$1" "$echo_url/events/1" report.lua | to_sample
}

workload_get_event() { # connections
  new_events
  run_wrk "$1" "$API_URL/events/$EVENT_ID" report.lua | to_sample
}

workload_quiet() {
  new_events
  post_bookings 1
}

# The quiet event's bookings, while another event is hot for longer than they last.
workload_quiet_beside_hot() {
  local hot quiet answers first_event faults
  new_events 2
  first_event=$EVENT_ID
  run_wrk 64 "$API_URL" bookings.lua $((seconds + 2)) >"$scratch/hot" &
  hot=$!
  until_true 10 'the hot event' hot_sells
  EVENT_ID=$((first_event + 1))
  quiet=$(run_wrk 1 "$API_URL" bookings.lua)
  wait "$hot"
  answers=$(jq -s 'map(.requests - .refused) | add' "$scratch/hot" - <<<"$quiet")
  faults=$(audit "$answers" $((answers + 65)))
  to_sample <<<"$quiet" | jq -c --argjson faults "$faults" \
    --slurpfile hot "$scratch/hot" '.faults += $faults + ($hot[0] | .refused + .lost + .timeouts)'
}

# Bookings of one seat to cancel, more than can be in that time: sets BOOKINGS to their ids.
book_for_cancelling() {
  local count=$((seconds * 20000))
  BOOKINGS=$(sql "${users[@]}" -v event_id="$EVENT_ID" -v count="$count" -f bookings_to_cancel.sql)
  export BOOKINGS
}

workload_cancel() { # connections
  local report answers cancelled
  new_events
  book_for_cancelling
  report=$(run_wrk "$1" "$API_URL" cancels.lua)
  answers=$(jq '.requests - .refused' <<<"$report")
  cancelled=$(sql -c "SELECT count(*) FROM evently.bookings WHERE event_id = $EVENT_ID AND status = 'CANCELLED'")
  to_sample <<<"$report" | jq -c --argjson wrong "$((cancelled < answers || cancelled > answers + $1))" \
    --argjson violations "$(sql -c 'SELECT count(*) FROM evently.verify()')" '.faults += $wrong + $violations'
}

# A quiet event's bookings, while another event's are cancelled for longer than they last.
workload_quiet_beside_cancels() {
  local cancels quiet hot_event
  new_events 2
  hot_event=$EVENT_ID
  book_for_cancelling
  EVENT_ID=$((hot_event + 1))
  run_wrk 64 "$API_URL" cancels.lua $((seconds + 2)) >"$scratch/cancels" &
  cancels=$!
  until_true 10 'the first cancellation' hot_cancels
  quiet=$(run_wrk 1 "$API_URL" bookings.lua)
  wait "$cancels"
  to_sample <<<"$quiet" | jq -c --slurpfile cancels "$scratch/cancels" \
    '.faults += ($cancels[0] | .refused + .lost + .timeouts)'
}
hot_cancels() { [[ $(sql -c "SELECT EXISTS (SELECT FROM evently.bookings WHERE status = 'CANCELLED')") == t ]]; }

hot_sells() { [[ $(sql -c "SELECT EXISTS (SELECT FROM evently.bookings WHERE event_id = $EVENT_ID)") == t ]]; }

# ---- over SQL

# run_pgbench SCRIPT CLIENTS BOOKINGS [OPTION...]: each transaction of the script makes so many bookings.
run_pgbench() {
  local script=$1 clients=$2 bookings=$3 before after report failed faults count
  shift 3
  rm -f "$scratch"/transactions.*
  before=$(transactions)
  report=$(timeout $((seconds + grace_s)) pgbench --no-vacuum --protocol=prepared \
    --client="$clients" --jobs=$((clients < 2 ? 1 : 2)) --time="$seconds" --log --log-prefix="$scratch/transactions" -D event_id="$EVENT_ID" \
    -D first_user="${USERS%-*}" -D last_user="${USERS#*-}" "$@" --file="$script.pgbench" \
    "$EVENTLY_OWNER_URL")
  after=$(transactions)
  count=$(awk '/^number of transactions actually processed/ {print $NF}' <<<"$report")
  ((count > 0)) || {
    echo "bench: no transaction of $script ended in $seconds s" >&2
    return 1
  }
  failed=$(awk '/^number of failed transactions/ {print $5}' <<<"$report")
  faults=$(audit $((count * bookings)) $((count * bookings)))
  cut -d ' ' -f 3 "$scratch"/transactions.* | sort -n | awk '{us[NR] = $1} END {
    printf "{\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
      us[int((NR + 1) / 2)] / 1000, us[int(NR * 0.99 + 0.5)] / 1000}' |
    jq -c --argjson tps "$(awk '/^tps/ {print $3}' <<<"$report")" --argjson count "$count" \
      --argjson bookings "$bookings" --argjson commits $((after - before)) --argjson faults $((failed + faults)) \
      '. + {per_s: ($tps * $bookings), commits_s: ($commits * $tps / $count), faults: $faults}'
}

# One booking a transaction: any script can be a workload.
workload_sql() { # script clients
  new_events
  run_pgbench "$1" "$2" 1
}

batch_items=256
workload_book_many() {
  # More than can be sold in that time, or bookings would be missing in the end.
  local batches=$((seconds * 400))
  new_events
  sql "${users[@]}" -v event_id="$EVENT_ID" -v batches="$batches" -v items="$batch_items" -f batches.sql
  run_pgbench book_many 1 "$batch_items" -D batch=0
}

events_many=1000
workload_many_events() { # book or book_and_commit, on or off: evently.notify
  trap 'notify on' EXIT # of this workload's subshell, also when it fails
  notify "${2:-on}"
  new_events "$events_many"
  run_pgbench "many_events_$1" 32 1 -D first_event="$EVENT_ID" -D last_event=$((EVENT_ID + events_many - 1))
}

notify() {
  sql -c "ALTER SYSTEM SET evently.notify = $1" -c 'SELECT pg_reload_conf()' >/dev/null
  until_true 10 "evently.notify = $1" notify_is "$1"
}
notify_is() { [[ $(sql -c 'LOAD '\''evently'\''' -c 'SHOW evently.notify') == "$1" ]]; }

workload_bulk() {
  local ms
  new_events
  ms=$(sql "${users[@]}" -v event_id="$EVENT_ID" -f bulk.sql | awk '/^Time:/ {print $2}')
  jq -nc --argjson ms "$ms" '{per_s: (100000 / $ms * 1000), faults: 0}'
}

# ---- for minutes

# Other events follow when a million seats could be sold out; the table keeps its history.
workload_hot_run() {
  local left=$hot_seconds slice updates hot started answers=0 faults=0 wrong report updates_done
  new_events
  started=$(event_updates)
  keeps_bookings=yes
  while ((left > 0)); do
    slice=$((left < 60 ? left : 60))
    left=$((left - slice))
    report=$(run_wrk 64 "$API_URL" bookings.lua "$slice")
    answers=$((answers + $(jq '.requests - .refused' <<<"$report")))
    faults=$((faults + $(jq '.refused + .lost + .timeouts' <<<"$report")))
    ((left == 0)) || EVENT_ID=$(sql -c "SELECT id FROM evently.create_event('Bench', now() + interval '9 days', 1000000)")
  done
  # shellcheck disable=SC2034 # for fixtures.sh
  keeps_bookings=
  wrong=$(audit "$answers" $((answers + 64 * (hot_seconds / 60 + 1))))
  # Sessions of the service tell their statistics when they have been idle for 10 seconds.
  updates_done=$((${started% *} + $(sql -c "SELECT sum(version - 1) FROM evently.events WHERE name = 'Bench'")))
  until_true 30 'the statistics of the updates' updates_told "$updates_done"
  read -r updates hot <<<"$(event_updates)"
  jq -nc --argjson updates $((updates - ${started% *})) --argjson hot $((hot - ${started#* })) \
    --argjson bytes "$(sql -c "SELECT pg_relation_size('evently.events')")" --argjson faults $((faults + wrong)) \
    --argjson answers "$answers" --argjson seconds "$hot_seconds" \
    '{per_s: ($answers / $seconds), commits_s: ($updates / $seconds), hot_share: ($hot / $updates),
      relation_mb: ($bytes / 1048576), faults: $faults}'
}
event_updates() {
  sql -F ' ' -c "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables
                 WHERE relid = 'evently.events'::regclass"
}
updates_told() { (($(event_updates | cut -d ' ' -f 1) >= $1)); }
