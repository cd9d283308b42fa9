#!/usr/bin/env bash
# pg_dump and a restore bring every row back, and sequences where they stood: on the server that
# libpq's variables name, and in a throw-away cluster that has none of our roles. Speaks TAP.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/common.sh
source scripts/common.sh
# shellcheck source=scripts/stack/lib/process.sh
source scripts/stack/lib/process.sh

bin=$("$pg_config" --bindir)
work=$(mktemp -d "${EVENTLY_TEST_DIR:-${TMPDIR:-/tmp}}/dump.XXXXXX")
chmod 711 "$work" # root's cluster runs as postgres and passes through
source_database=evently_dump_$$
restored_database=evently_restored_$$
checked=0
failed=0

run_sql() { "$bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
drop_database() { run_sql -d postgres -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" 2>/dev/null; }

clean_up() {
  local status=$?
  trap '' INT TERM HUP
  drop_database "$source_database" || true
  drop_database "$restored_database" || true
  if [[ -e $work/cluster/postmaster.pid ]]; then
    as_service "$bin/pg_ctl" -D "$work/cluster" -m immediate -w stop >/dev/null || true
  fi
  rm -rf "$work"
  echo "1..$checked"
  ((status == 0 && failed == 0 && checked > 0)) || exit 1
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# check SENTENCE HAVE WANT
check() {
  checked=$((checked + 1))
  if [[ $2 == "$3" ]]; then
    echo "ok $checked - $1"
  else
    failed=$((failed + 1))
    echo "not ok $checked - $1"
    diff <(echo "$2") <(echo "$3") | sed 's/^/# /' | head -n 20 || true
  fi
}

# Every value of every table, and where the sequences stand.
contents() {
  run_sql -d "$1" <<'SQL'
SET TimeZone = 'UTC';
SELECT 'user', to_jsonb(u) FROM evently.users u ORDER BY u.id;
SELECT 'event', to_jsonb(e) FROM evently.events e ORDER BY e.id;
SELECT 'booking', to_jsonb(b) FROM evently.bookings b ORDER BY b.id;
SELECT 'key', to_jsonb(k) FROM evently.event_keys k ORDER BY k.key_owner, k.idempotency_key;
SELECT 'repair', to_jsonb(r) FROM evently.repairs r ORDER BY r.id;
SELECT 'sequence', sequencename, last_value FROM pg_sequences
WHERE schemaname = 'evently' ORDER BY sequencename;
SQL
}

# Rows of each kind: with and without keys, cancelled, deleted (so that sequences are ahead of the
# rows), of an event that has started, and text that quoting might hurt.
make_source() {
  run_sql -d postgres -c "CREATE DATABASE $source_database TEMPLATE template0 ENCODING 'UTF8'"
  run_sql -d "$source_database" >/dev/null <<'SQL'
CREATE EXTENSION evently;
SELECT evently.create_user('user' || n || '@example.com', 'User ' || n)
FROM generate_series(1, 30) n;
SELECT evently.create_user(E'zo\u00eb@b\u00fccher.example', repeat(chr(2325), 200), 'user''s key');
SELECT evently.create_user('o''hara@example.com', E'Zo\u00eb "the \\ one"');
SELECT evently.create_event('Event ' || n, now() + n * interval '1 day', 40, 'Hall')
FROM generate_series(1, 5) n;
SELECT evently.create_event('Event ' || n, '2040-01-01', 5, NULL, E'key \u20ac ' || n) FROM generate_series(6, 8) n;
SELECT evently.delete_event(8);
SELECT evently.book(1 + n % 30, 1 + n % 5, 1 + n % 3, CASE WHEN n % 2 = 0 THEN 'key-' || n END)
FROM generate_series(1, 60) n;
SELECT evently.book(32, 5, 2, E'\u20ac ''quoted'' \\ ;\t\n\\.');
SELECT evently.cancel(id) FROM evently.bookings WHERE id % 7 = 0;
SELECT evently.set_capacity(2, 100);
SELECT evently.update_event(3, venue => '', start_at => '9999-12-31 23:59:59.999999+00');
SELECT evently.delete_user(30);
SELECT evently.delete_user((evently.create_user('last@example.com')).id);
SELECT evently.delete_event((evently.create_event('Last', now(), 1)).id);
SELECT evently.delete_event(4);
SELECT evently.book(1, 2, 1);
DELETE FROM evently.bookings WHERE id = (SELECT max(id) FROM evently.bookings);
UPDATE evently.events SET start_at = now() - interval '1 day' WHERE id = 5;
UPDATE evently.events SET seats_available = 0 WHERE id = 1;
SELECT evently.reconcile(1);
SQL
}

# What must hold in a database that was restored, named in words.
check_restored() {
  local database=$1 words=$2
  check "$words: every row and every sequence" "$(contents "$database")" "$source_contents"
  check "$words: verify() is silent" "$(run_sql -d "$database" \
    -c 'SELECT * FROM evently.verify()')" ''
  check "$words: the next booking has a number that was never given" "$(run_sql -d "$database" \
    -c 'SELECT (evently.book(1, 2)).id')" "$next_booking_id"
  check "$words: the next user and event, too" "$(run_sql -d "$database" -c "SELECT
    (evently.create_user('next@example.com')).id,
    (evently.create_event('Next', now(), 1)).id")" "$next_ids"
  check "$words: a key still names its booking" "$(run_sql -d "$database" \
    -c "SELECT booking_id, replayed FROM evently.book_outcome(3, 3, 3, 'key-2')")" \
    "$keyed_booking_id|t"
  check "$words: bookings are guarded" "$(run_sql -d "$database" -c 'DROP EXTENSION evently' 2>&1 |
    head -n 1)" 'ERROR:  there are bookings'
  check "$words: rights are as they were" "$(run_sql -d "$database" -c "SELECT
    has_function_privilege('evently_booker', 'evently.book(bigint,bigint,integer,text)', 'EXECUTE'),
    has_table_privilege('evently_admin', 'evently.bookings', 'UPDATE'),
    has_table_privilege('evently_admin', 'evently.repair_list', 'SELECT'),
    (SELECT relowner::regrole FROM pg_class WHERE oid = 'evently.bookings'::regclass)")" \
    't|f|t|evently_owner'
  check "$words: copies of the old inventory are void" "$(run_sql -d "$database" \
    -c "SELECT evently.epoch() <> '$source_epoch'")" t
}

# restored_by WORDS COMMAND...: into a new database by a command that must succeed and say nothing.
restored_by() {
  local words=$1 said
  shift
  drop_database "$restored_database"
  run_sql -d postgres -c "CREATE DATABASE $restored_database TEMPLATE template0 ENCODING 'UTF8'"
  said=$("$@" 2>&1) || said+=" (status $?)"
  check "$words: restores without a word" "$said" ''
  check_restored "$restored_database" "$words"
}

restore_plain() { run_sql -o /dev/null --single-transaction -d "$restored_database" -f "$1"; }
restore_rows() {
  run_sql -d "$restored_database" -c 'CREATE EXTENSION evently'
  "$bin/pg_restore" --exit-on-error --data-only -d "$restored_database" "$1"
}
restore_archive() { "$bin/pg_restore" --exit-on-error -d "$restored_database" "$1"; }

# A cluster of the same installation, without a network, and its settings for where extensions lie.
start_other_cluster() {
  local name
  install -d -m 700 "$work/cluster"
  install -d "$work/socket"
  ((EUID != 0)) || chown postgres "$work/cluster" "$work/socket"
  (cd / && as_service "$bin/initdb" -D "$work/cluster" -U postgres -A trust -E UTF8 \
    --locale=C.UTF-8 --no-sync) >"$work/initdb.log"
  {
    echo "listen_addresses = ''"
    echo "port = 5432" # the name of its socket, no more
    echo "unix_socket_directories = '$work/socket'"
    for name in extension_destdir extension_control_path dynamic_library_path; do
      run_sql -d postgres \
        -c "SELECT format('%s = %L', name, setting) FROM pg_settings WHERE name = '$name'"
    done
  } >"$work/settings"
  # shellcheck disable=SC2016
  as_service bash -c 'cat >>"$1/postgresql.conf"' _ "$work/cluster" <"$work/settings"
  as_service "$bin/pg_ctl" -D "$work/cluster" -l "$work/cluster/log" -w start >/dev/null
}

make_source
source_contents=$(contents "$source_database")
source_epoch=$(run_sql -d "$source_database" -c 'SELECT evently.epoch()')
keyed_booking_id=$(run_sql -d "$source_database" \
  -c "SELECT id FROM evently.bookings WHERE idempotency_key = 'key-2'")
next_booking_id=$(run_sql -d "$source_database" \
  -c 'SELECT last_value + 1 FROM evently.bookings_id_seq')
next_ids=$(run_sql -d "$source_database" -c 'SELECT u.last_value + 1, e.last_value + 1
  FROM evently.users_id_seq u, evently.events_id_seq e')

"$bin/pg_dump" -d "$source_database" -f "$work/plain.sql"
"$bin/pg_dump" -d "$source_database" --inserts -f "$work/inserts.sql"
"$bin/pg_dump" -d "$source_database" -Fc -f "$work/custom.dump"
"$bin/pg_dump" -d "$source_database" -n evently -e evently -f "$work/schema_and_extension.sql"
"$bin/pg_dump" -d "$source_database" -e evently -Fc -f "$work/extension.dump"
"$bin/pg_dump" -d "$source_database" -n evently -Fc -f "$work/schema.dump"
check 'the source has bookings of each kind' "$(run_sql -d "$source_database" -c "SELECT
  count(*) > 40, count(*) FILTER (WHERE status = 'CANCELLED') > 3, count(idempotency_key) > 20,
  max(id) < $next_booking_id - 1, (SELECT count(*) FROM evently.repairs) = 1
  FROM evently.bookings")" 't|t|t|t|t'
check 'a dump leaves roles and rights to the extension' "$(grep -E \
  '^(GRANT|REVOKE|ALTER .* OWNER|CREATE ROLE)' "$work/plain.sql" || true)" \
  'ALTER SCHEMA evently OWNER TO postgres;'

restored_by 'plain dump' restore_plain "$work/plain.sql"
restored_by 'dump of inserts' restore_plain "$work/inserts.sql"
restored_by 'custom format' restore_archive "$work/custom.dump"
restored_by 'dump of schema and extension' restore_plain "$work/schema_and_extension.sql"
restored_by 'dump of the extension alone' restore_archive "$work/extension.dump"
restored_by 'dump of the schema alone, where the extension is' restore_rows "$work/schema.dump"
# A dump does not tell several jobs that bookings come last, so that foreign keys have to be off.
restored_by 'custom format, two jobs' env PGOPTIONS='-c session_replication_role=replica' \
  "$bin/pg_restore" --exit-on-error --jobs=2 -d "$restored_database" "$work/custom.dump"

start_other_cluster
drop_database "$source_database"
drop_database "$restored_database"
# From here on clean_up drops what is in the other cluster, which goes anyway.
unset PGPASSWORD PGHOSTADDR PGSERVICE
export PGHOST=$work/socket PGPORT=5432 PGUSER=postgres
check 'the other cluster has no role of ours' "$(run_sql -d postgres \
  -c "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'evently%'")" 0
restored_by 'plain dump in another cluster' restore_plain "$work/plain.sql"
restored_by 'custom format in another cluster, where another database made the roles' \
  restore_archive "$work/custom.dump"
