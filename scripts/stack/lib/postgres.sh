# shellcheck shell=bash
# The private PostgreSQL: its cluster, settings, roles, database and extension.
# shellcheck disable=SC2154 # EVENTLY_HOME, ports and passwords come from home.sh and ports.sh

data_dir() { echo "$EVENTLY_HOME/postgres/data"; }

# The bin directory of pg_config's server, for clients and server alike.
pg_bin() {
  local directory
  directory=$("$pg_config" --bindir 2>/dev/null) || directory=
  [[ -x $directory/postgres ]] ||
    fail "no PostgreSQL server where $pg_config points: run scripts/dev/packages run, or set PG_CONFIG"
  echo "$directory"
}

owner_psql() {
  local bin
  bin=$(pg_bin)
  PGPASSWORD=$owner_password PGCONNECT_TIMEOUT=10 PGOPTIONS='' \
    "$bin/psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host 127.0.0.1 \
    --port "$EVENTLY_PG_PORT" --username postgres "$@"
}

start_postgres() {
  local bin
  bin=$(pg_bin)
  stage_extension
  make_cluster "$bin"
  clear_stale_lock_files
  write_postgres_settings
  # A module that was built with ASan wants the runtime in the server before it.
  launch postgres ${EVENTLY_PG_PRELOAD:+"LD_PRELOAD=$EVENTLY_PG_PRELOAD"} \
    -- "$bin/postgres" -D "$(data_dir)"
}

ready_postgres() {
  "$(pg_bin)/pg_isready" --quiet --host 127.0.0.1 --port "$EVENTLY_PG_PORT" --timeout 3
}

# The server loads control file, SQL and module from here: nothing of the machine's own PostgreSQL is
# touched, and a checkout that the server's user cannot read will do.
stage_extension() {
  rm -rf "$EVENTLY_HOME/stage"
  make --no-print-directory -s -C "$top" install DESTDIR="$EVENTLY_HOME/stage" \
    PG_CONFIG="$pg_config" >/dev/null || fail "could not install the extension into $EVENTLY_HOME/stage"
}

make_cluster() {
  local bin=$1 data made_by major output
  data=$(data_dir)
  major=$(postgres_major)
  if [[ -e $data ]]; then
    made_by=$(as_service cat "$data/PG_VERSION" 2>/dev/null) ||
      fail "$data is no PostgreSQL cluster: remove $EVENTLY_HOME to start anew"
    [[ $made_by == "$major" ]] ||
      fail "$EVENTLY_HOME was made by PostgreSQL $made_by, this is $major: set PG_CONFIG to $made_by's, or EVENTLY_HOME to a new directory"
    return 0
  fi
  require_space
  say "making a PostgreSQL $major cluster in $data"
  # Under another name until it is whole: what an interrupted start leaves is made anew.
  as_service rm -rf "$data.new"
  # shellcheck disable=SC2016
  as_service bash -c 'umask 077; cat >"$1"' _ "$data.password" <<<"$owner_password"
  output=$(cd / && as_service "$bin/initdb" --pgdata "$data.new" --username postgres \
    --pwfile "$data.password" --auth scram-sha-256 --encoding UTF8 --locale C.UTF-8 \
    --data-checksums 2>&1) || fail "initdb failed: $(tail -n 3 <<<"$output")"
  as_service rm -f "$data.password"
  # shellcheck disable=SC2016
  as_service bash -c 'echo "include '\''../../conf/postgresql.conf'\''" >>"$1/postgresql.conf"' _ "$data.new"
  as_service mv -T "$data.new" "$data"
}

# Prints the pid of a server or backend at work on the data: it is their working directory.
process_in_data_dir() {
  local process
  for process in /proc/[0-9]*; do
    if [[ $(readlink "$process/cwd" 2>/dev/null) == "$(data_dir)" ]] &&
      read_start "${process#/proc/}"; then
      echo "${process#/proc/}"
      return 0
    fi
  done
  return 1
}

# After a crash the server's own lock files may name a pid that is another program's by now, or a
# dead one that its parent has not collected. Backends outlive a killed server by a moment only.
orphan_wait_s=10
clear_stale_lock_files() {
  local data pid deadline=$((SECONDS + orphan_wait_s))
  data=$(data_dir)
  as_service test -e "$data/postmaster.pid" || return 0
  while pid=$(process_in_data_dir); do
    ((SECONDS < deadline)) ||
      fail "a PostgreSQL that was not started here works on $data: end it by kill -INT $pid"
    sleep 0.1
  done
  as_service rm -f "$data/postmaster.pid" "$EVENTLY_HOME"/run/.s.PGSQL.*
}

# What makes this server look for extensions in the stage. Up to 17 Debian patches in a setting for it.
stage_setting() {
  if (($(postgres_major) >= 18)); then
    echo "extension_control_path = '$EVENTLY_HOME/stage$("$pg_config" --sharedir):\$system'"
  else
    echo "extension_destdir = '$EVENTLY_HOME/stage'"
  fi
}

socket_bytes_max=107
write_postgres_settings() {
  local socket_dir=$EVENTLY_HOME/run
  if ((${#socket_dir} + 14 + ${#EVENTLY_PG_PORT} > socket_bytes_max)); then
    warn "$EVENTLY_HOME is too long a path for a Unix socket: PostgreSQL listens on TCP only"
    socket_dir=
  fi
  local libraries
  libraries=$EVENTLY_HOME/stage$("$pg_config" --pkglibdir)
  write_for_service "$EVENTLY_HOME/conf/postgresql.conf" <<SETTINGS
# Written at every start; use ALTER SYSTEM for settings of your own.
listen_addresses = '127.0.0.1'
port = $EVENTLY_PG_PORT
unix_socket_directories = '$socket_dir'
max_connections = 200
shared_preload_libraries = '${EVENTLY_PRELOAD-evently}'
$(stage_setting)
dynamic_library_path = '$libraries:\$libdir'
log_line_prefix = '%m [%p] app=%a xid=%x '
log_min_duration_statement = 250ms
# As long as a statement id, and not longer: other parameters are people's addresses.
log_parameter_max_length_on_error = 18
log_parameter_max_length = 18
SETTINGS
}

# Database, extension, demo data and the two login roles: each only where it is missing.
set_up_database() {
  local found
  found=$(owner_psql --tuples-only --no-align --dbname postgres \
    --command "SELECT count(*) FROM pg_database WHERE datname = 'evently'") ||
    fail "cannot log in to the private PostgreSQL; see $(log_file postgres)"
  if [[ $found == 0 ]]; then
    owner_psql --dbname postgres --command 'CREATE DATABASE evently' || fail "could not create the database"
  fi
  PGAPPNAME='evently set-up' EVENTLY_API_PASSWORD=$api_password \
    EVENTLY_BRIDGE_PASSWORD=$bridge_password \
    owner_psql --dbname evently --single-transaction --file "$top/scripts/stack/lib/set_up.sql" >/dev/null ||
    fail "could not set up the database; PostgreSQL's own message is above"
  note_extension_content
}

# The same version with other content is a developer's doing; an installed extension keeps the old.
note_extension_content() {
  local note=$EVENTLY_HOME/conf/extension.sha256 now version
  version=$(owner_psql -At --dbname evently \
    --command "SELECT extversion FROM pg_extension WHERE extname = 'evently'")
  now="$version $(cat "$EVENTLY_HOME"/stage/usr/share/postgresql/*/extension/evently--"$version".sql |
    sha256sum | cut -d ' ' -f 1)"
  if [[ -e $note && $(<"$note") == "$version "* && $(<"$note") != "$now" ]]; then
    warn "the SQL of version $version has changed since this database was made: make down, remove $EVENTLY_HOME and start anew to have it"
    return 0
  fi
  echo "$now" >"$note"
}
