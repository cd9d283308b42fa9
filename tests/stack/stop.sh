#!/usr/bin/env bash
# Stopping: all, one part, what does not run.
# shellcheck source=tests/stack/helpers.bash
source "$(dirname "$0")/helpers.bash"

call scripts/stack/stack down
check 'down with nothing there succeeds' equal "$status" 0
scripts/stack/stack up >/dev/null
pids=()
for part in postgres redis bridge api; do pids+=("$(pid_of $part)"); done
port=$(sed -n 's/^EVENTLY_REDIS_PORT=//p' "$EVENTLY_HOME/conf/ports")

call scripts/stack/stack stop redis
check 'one part can be stopped' equal "$status" 0
check '... and is gone' runs_not "${pids[1]}"
check '... while another stays' runs "${pids[0]}"
call scripts/stack/stack stop redis
check 'stopping it again succeeds' equal "$status" 0
call scripts/stack/stack status
check 'status says that a part is missing' equal "$status" 3
call scripts/stack/stack start redis
check 'it can be started again' equal "$status" 0
check '... on its port of before' grep -qx "EVENTLY_REDIS_PORT=$port" "$EVENTLY_HOME/conf/ports"
call scripts/stack/stack restart redis
check 'it can be restarted' equal "$status" 0

call scripts/stack/stack down
check 'down succeeds' equal "$status" 0
for pid in "${pids[@]}"; do check "process $pid is gone" runs_not "$pid"; done
check 'nothing is left running' nothing_runs_here
for part in postgres redis bridge api; do
  check "$part left no pid file" test ! -e "$EVENTLY_HOME/pids/$part"
done
check 'the data is still there' test -e "$EVENTLY_HOME/conf/ports"
call scripts/stack/stack down
check 'a second down succeeds' equal "$status" 0
check '... in one line' is_one_line "$output"
