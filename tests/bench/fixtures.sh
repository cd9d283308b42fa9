# shellcheck shell=bash
# What is sold and whether the books are right: events, users, counts.

# The longest statement loads and checks millions of rows.
sql() {
  PGOPTIONS='-c statement_timeout=20min' psql --no-psqlrc -qAt -v ON_ERROR_STOP=1 "$EVENTLY_OWNER_URL" "$@"
}

# until_true SECONDS WHAT COMMAND...: polls until the command succeeds.
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    ((SECONDS < deadline)) || {
      echo "bench: in vain waited for $what" >&2
      return 1
    }
    sleep 0.05
  done
}

# All bookings are thrown away between measurements, so there must be no others here.
require_own_database() {
  [[ $(sql -c "SELECT count(*) FROM evently.bookings b JOIN evently.users u ON u.id = b.user_id
               WHERE u.email !~ '^(demo|bench)[0-9]+@example[.]com$'") == 0 ]] || {
    echo 'bench: this database is in use, and its bookings would be lost: use make bench' >&2
    return 1
  }
}

set_up_fixtures() {
  sql -f set_up.sql -f plpgsql_book.sql
  USERS=$(sql -c "SELECT min(id) || '-' || max(id) FROM evently.users
                  WHERE email LIKE 'bench%@example.com'")
  export USERS
  # shellcheck disable=SC2034 # for the workloads
  users=(-v first_user="${USERS%-*}" -v last_user="${USERS#*-}")
}

# new_events [COUNT [CAPACITY]]: sets EVENT_ID to the first. No bookings and rows without history, so that
# every workload starts alike. Not ANALYZE of the empty table, which would lead plans astray.
keeps_bookings=
new_events() {
  if [[ ! $keeps_bookings ]]; then
    sql -c 'TRUNCATE evently.bookings' -c "DELETE FROM evently.events WHERE name = 'Bench'"
  fi
  EVENT_ID=$(sql -c "SELECT min((evently.create_event('Bench', now() + interval '9 days', ${2:-1000000})).id)
                     FROM generate_series(1, ${1:-1})")
  export EVENT_ID
  sql -c 'VACUUM (ANALYZE) evently.events' -c CHECKPOINT
  bookings_before=$(sql -c 'SELECT count(*) FROM evently.bookings')
}

# Commits that sold: each moves its event's version once, whatever ids of transactions it used.
transactions() { sql -c "SELECT sum(version) FROM evently.events WHERE name = 'Bench'"; }

no_session_books() {
  local seen=$counted
  counted=$(sql -c 'SELECT count(*) FROM evently.bookings')
  [[ $seen == "$counted" ]] && [[ $(sql -c "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
      AND state <> 'idle' AND pid <> pg_backend_pid()") == 0 ]]
}

# audit LEAST MOST: prints how many things are wrong with the books. A load generator that ends leaves up to
# MOST - LEAST requests without having read the answer.
audit() {
  local counted='' faults=0 violations
  until_true 60 'the last bookings' no_session_books
  counted=$((counted - bookings_before))
  if ((counted < $1 || counted > $2)); then
    echo "bench: $counted bookings counted, not $1 to $2" >&2
    faults=1
  fi
  if [[ ! $keeps_bookings ]]; then
    violations=$(sql -c 'SELECT * FROM evently.verify()')
    if [[ $violations ]]; then
      printf 'bench: verify() says:\n%s\n' "$violations" >&2
      faults=$((faults + 1))
    fi
  fi
  echo "$faults"
}
