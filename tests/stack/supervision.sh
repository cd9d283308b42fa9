#!/usr/bin/env bash
# `run` in the foreground: Ctrl-C, a part that dies, parts stopped from elsewhere.
# shellcheck source=tests/stack/helpers.bash
source "$(dirname "$0")/helpers.bash"

# has_said SENTENCE
has_said() { grep -q "$1" "$work/run.log"; }

# start_run [SENTENCE]: returns once it has said that, or that it is ready. It leads a process group of
# its own, which a terminal would send its SIGINT to as a whole.
start_run() {
  : >"$work/run.log"
  env --default-signal setsid scripts/stack/stack run >"$work/run.log" 2>&1 &
  run=$!
  helpers+=("$run")
  eventually 90 has_said "${1:-Ctrl-C stops everything}" || {
    cat "$work/run.log"
    exit 1
  }
}

press_ctrl_c() { kill -INT -- "-$run"; }

end_of_run() {
  status=0
  wait "$run" || status=$?
  output=$(<"$work/run.log")
}

for moment in 'making a PostgreSQL' 'starting redis' 'starting api'; do
  start_run "$moment"
  press_ctrl_c
  end_of_run
  check "Ctrl-C at '$moment' ends the start" equal "$status" 130
  check '... and leaves nothing' nothing_runs_here
done

start_run
call scripts/stack/stack up
check 'up beside a run says that it runs' says 'running already'
call scripts/stack/stack run
check 'so does a second run' says 'running already'
press_ctrl_c
end_of_run
check 'Ctrl-C is an orderly end' equal "$status" 0
check '... that stops everything' nothing_runs_here

start_run
kill -9 "$(pid_of bridge)"
end_of_run
check 'a part that dies ends the run with a failure' differ "$status" 0
check '... which names it' says 'bridge ended by itself'
check '... shows its log' says 'the last lines of'
check '... and stops the others' nothing_runs_here

start_run
scripts/stack/stack stop redis >/dev/null
check 'a part stopped on purpose is noticed' eventually 10 has_said 'redis was stopped by another command'
check '... and ends nothing' runs "$run"
scripts/stack/stack down >/dev/null
end_of_run
check 'down from elsewhere ends the run' equal "$status" 0
check '... and leaves nothing' nothing_runs_here

# A start that fails takes back what it has started.
call env DB_POOL_SIZE=nonsense scripts/stack/stack up
check 'a service that refuses its settings fails the start' differ "$status" 0
check '... with its own words' says DB_POOL_SIZE
check '... and leaves nothing running' nothing_runs_here
