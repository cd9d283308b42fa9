#!/usr/bin/env bash
# What cannot work says so in one line that tells what to do, and starts nothing.
# shellcheck source=tests/stack/helpers.bash
source "$(dirname "$0")/helpers.bash"

refuses() {
  local what=$1 word=$2
  check "$what is refused" differ "$status" 0
  check '... in one line' is_one_line "$complaint"
  check "... which says '$word'" says "$word"
  check '... and nothing runs' nothing_runs_here
}

# The listener of another program: any will do.
EVENTLY_HOME=$work/other scripts/stack/stack up redis >/dev/null
taken=$(sed -n 's/^EVENTLY_REDIS_PORT=//p' "$work/other/conf/ports")
for variable in EVENTLY_PG_PORT EVENTLY_REDIS_PORT PORT; do
  call env "$variable=$taken" scripts/stack/stack up
  refuses "a port in use ($variable)" "set $variable"
  check '... and names the port' says "$taken"
done
EVENTLY_HOME=$work/other scripts/stack/stack down >/dev/null

for bad in x -1 65536 08080 '80 80'; do
  call env PORT="$bad" scripts/stack/stack up postgres
  refuses "PORT='$bad'" 'PORT: must be a port'
done
call env PORT=23456 EVENTLY_PG_PORT=23456 scripts/stack/stack up
refuses 'one port for two parts' "another part's already"

call env EVENTLY_HOME=/proc/evently scripts/stack/stack up postgres
refuses 'a home that cannot be made' 'set EVENTLY_HOME'
call env EVENTLY_HOME="$work/a'b" scripts/stack/stack up postgres
refuses 'a home with a quote in its name' 'EVENTLY_HOME'
mkdir "$work/foreign"
: >"$work/foreign/letter"
call env EVENTLY_HOME="$work/foreign" scripts/stack/stack up postgres
refuses 'a directory that is not ours' 'not empty'
check '... and is left as it was' equal "$(ls -A "$work/foreign")" letter
if ((EUID == 0)); then
  mkdir -m 700 "$work/closed"
  call env EVENTLY_HOME="$work/closed/home" scripts/stack/stack up postgres
  refuses "a home that the servers' user cannot reach" 'set EVENTLY_HOME'
  mkdir "$work/of_postgres"
  chown postgres "$work/of_postgres"
  call env EVENTLY_HOME="$work/of_postgres" scripts/stack/stack up postgres
  refuses "another user's home" 'belongs to postgres'
else
  mkdir -m 500 "$work/closed"
  call env EVENTLY_HOME="$work/closed/home" scripts/stack/stack up postgres
  refuses 'a home in a directory that cannot be written' 'set EVENTLY_HOME'
  call env EVENTLY_HOME=/usr scripts/stack/stack up postgres
  refuses "another user's home" 'belongs to root'
fi

scripts/stack/stack up postgres >/dev/null
scripts/stack/stack down >/dev/null
echo 9 >"$work/version"
cp "$work/version" "$EVENTLY_HOME/postgres/data/PG_VERSION"
call scripts/stack/stack up postgres
refuses 'data of another PostgreSQL' 'made by PostgreSQL 9'

call env PG_CONFIG=/nowhere/pg_config scripts/stack/stack up postgres
refuses 'a missing PostgreSQL' 'PG_CONFIG'
for wrong in '' 'begin' 'up mysql' 'start' 'start postgres redis' 'down now'; do
  # shellcheck disable=SC2086 # words on purpose
  call scripts/stack/stack $wrong
  check "'stack $wrong' explains the usage" equal "$status" 2
done
