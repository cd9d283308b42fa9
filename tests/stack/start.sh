#!/usr/bin/env bash
# Starting: once, twice, twice at once, and again with the data of before.
# shellcheck source=tests/stack/helpers.bash
source "$(dirname "$0")/helpers.bash"

call scripts/stack/stack status
check 'status of nothing is no success' equal "$status" 3
call scripts/stack/stack up
check 'the first up succeeds' equal "$status" 0
check 'it prints the first curl' says "curl --json '{\"user_id\":1,\"event_id\":1}' http://127.0.0.1:"
call scripts/stack/stack status
check 'all parts run' equal "$status" 0

check 'env is private' mode_is "$EVENTLY_HOME/env" 600
check 'secrets are private' mode_is "$EVENTLY_HOME/secrets" 600
# shellcheck disable=SC1091
source "$EVENTLY_HOME/env"
for name in API_URL ADMIN_KEY DATABASE_URL EVENTLY_OWNER_URL REDIS_URL BRIDGE_METRICS_URL; do
  check "env exports $name" test -n "${!name:-}"
done
call curl -sS --fail-with-body --json '{"user_id":1,"event_id":1}' "$API_URL/bookings"
check 'the printed curl books a seat' says '"CONFIRMED"'
call curl -sS "$BRIDGE_METRICS_URL"
check 'the bridge shows its metrics' says evently_bridge_
call redis-cli --no-auth-warning -u "$REDIS_URL" EXISTS evently:lease
check 'the tokens are leased' equal "$output" 1
call psql -X -At "$DATABASE_URL" -c 'SELECT current_user'
check 'the service has a role of its own' equal "$output" evently_api
call psql -X -At "$DATABASE_URL" -c 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user'
check '... which is no superuser' equal "$output" f
call psql -X -At "${DATABASE_URL/:*@/:wrong@}" -c 'SELECT 1'
check 'a wrong password is refused' differ "$status" 0
redis_port=${REDIS_URL##*:}
call redis-cli -h 127.0.0.1 -p "${redis_port%/*}" PING
check 'so is Redis without one' says NOAUTH

for part in postgres redis bridge api; do
  check "$part reads no terminal" equal "$(readlink "/proc/$(pid_of $part)/fd/0")" /dev/null
  check "$part leads a session of its own" equal "$(session_of "$(pid_of $part)")" "$(pid_of $part)"
  check "$part is not root" differ "$(stat -c %u "/proc/$(pid_of $part)")" 0
done

before=$(cat "$EVENTLY_HOME"/pids/*)
call scripts/stack/stack up
check 'a second up succeeds' equal "$status" 0
check '... in one line' is_one_line "$output"
check '... which names the URL' says "running already: $API_URL"
check '... and starts nothing' equal "$(cat "$EVENTLY_HOME"/pids/*)" "$before"

owner_sql "SELECT FROM evently.create_user('kept@example.com')"
key_before=$ADMIN_KEY
scripts/stack/stack down >/dev/null
scripts/stack/stack up postgres >/dev/null 2>"$work/first" &
first=$!
call scripts/stack/stack up postgres
check 'two ups at once: one succeeds' equal "$status" 0
check '... and the other too' wait "$first"
check 'data is kept' equal "$(owner_sql "SELECT count(*) FROM evently.users WHERE email = 'kept@example.com'")" 1
# shellcheck disable=SC1091
source "$EVENTLY_HOME/env"
check 'the admin key is kept' equal "$ADMIN_KEY" "$key_before"
