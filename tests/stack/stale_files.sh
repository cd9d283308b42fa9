#!/usr/bin/env bash
# What crashes and interruptions leave behind: a start puts it right.
# shellcheck source=tests/stack/helpers.bash
source "$(dirname "$0")/helpers.bash"

as_service=()
((EUID != 0)) || as_service=(setpriv --reuid=postgres --regid=postgres --init-groups --)

# An initdb that was cut off.
scripts/stack/stack up postgres >/dev/null
scripts/stack/stack down >/dev/null
"${as_service[@]}" mv "$EVENTLY_HOME/postgres/data" "$EVENTLY_HOME/postgres/data.new"
"${as_service[@]}" rm -rf "$EVENTLY_HOME/postgres/data.new/base"
rm -rf "${EVENTLY_HOME:?}"/{conf,bin,stage}
call scripts/stack/stack up postgres redis
check 'a half-made state directory is made anew' equal "$status" 0
check '... and works' equal "$(owner_sql 'SELECT count(*) FROM evently.verify()')" 0

# kill -9 of everything: pid files and locks stay.
booking=$(owner_sql 'SELECT id FROM evently.book(1, 1)')
postgres=$(pid_of postgres)
kill -9 "$postgres" "$(pid_of redis)"
check 'a killed server is gone' eventually 5 runs_not "$postgres"
call scripts/stack/stack status
check 'status is not taken in by its pid file' equal "$status" 3
call scripts/stack/stack up postgres redis
check 'up after kill -9 succeeds' equal "$status" 0
check 'an acknowledged booking has survived' \
  equal "$(owner_sql "SELECT count(*) FROM evently.bookings WHERE id = $booking")" 1
scripts/stack/stack down >/dev/null

# The pids have been given to other programs since: a bystander of the servers' own user.
"${as_service[@]}" tail -f /dev/null &
bystander=$!
helpers+=("$bystander")
for part in postgres redis; do echo "$bystander 1" >"$EVENTLY_HOME/pids/$part"; done
# shellcheck disable=SC2016
"${as_service[@]}" bash -c 'printf "%s\n" "$2" "$1" 1 0 /tmp 127.0.0.1 >"$1/postmaster.pid"' _ \
  "$EVENTLY_HOME/postgres/data" "$bystander"
call scripts/stack/stack status
check 'a recycled pid is not taken for a running part' equal "$status" 3
call scripts/stack/stack up postgres redis
check 'up with recycled pids succeeds' equal "$status" 0
for part in postgres redis; do echo "$bystander 1" >"$work/$part"; done
scripts/stack/stack down >/dev/null
cp "$work/postgres" "$work/redis" "$EVENTLY_HOME/pids/"
call scripts/stack/stack down
check 'down with recycled pids succeeds' equal "$status" 0
check '... and spares the bystander' runs "$bystander"

# Secrets without which the data cannot be opened.
mv "$EVENTLY_HOME/secrets" "$work/secrets"
call scripts/stack/stack up postgres
check 'lost secrets are told' says 'secrets is gone'
check '... in one line' is_one_line "$output"
mv "$work/secrets" "$EVENTLY_HOME/secrets"
call scripts/stack/stack up postgres
check '... and restored ones work' equal "$status" 0
