# shellcheck shell=bash
# The state directory. The caller owns it, its programs, settings and pid files; the servers' user
# owns postgres/, log/ and run/ only, so that a server cannot rewrite what its operator runs.

resolve_home() {
  if [[ -z ${EVENTLY_HOME:-} ]]; then
    if ((EUID == 0)); then
      EVENTLY_HOME=/var/lib/evently
    else
      EVENTLY_HOME=${XDG_STATE_HOME:-$HOME/.local/state}/evently
    fi
  fi
  EVENTLY_HOME=$(realpath -m -- "$EVENTLY_HOME")
  [[ $EVENTLY_HOME =~ ^/[A-Za-z0-9_./+@-]+$ ]] ||
    fail "EVENTLY_HOME '$EVENTLY_HOME': only letters, digits and _ . / + @ - are possible here"
  export EVENTLY_HOME
}

home_exists() { [[ -e $EVENTLY_HOME/.evently ]]; }

# Makes the directory, or completes what an interrupted start left; locks it.
prepare_home() {
  if ((EUID == 0)); then
    getent passwd postgres >/dev/null ||
      fail "there is no user postgres to run the servers as: run scripts/dev/packages run"
  fi
  mkdir -p -- "$EVENTLY_HOME" 2>/dev/null ||
    fail "cannot make $EVENTLY_HOME: set EVENTLY_HOME to a directory that you can write"
  [[ -O $EVENTLY_HOME && -w $EVENTLY_HOME ]] ||
    fail "$EVENTLY_HOME belongs to $(stat -c %U "$EVENTLY_HOME"): call as that user, or set EVENTLY_HOME"
  if ! home_exists; then
    # The two names are of another start at this very moment.
    [[ -z $(ls -A -I .evently -I lock "$EVENTLY_HOME") ]] ||
      fail "$EVENTLY_HOME is not empty and not Evently's: set EVENTLY_HOME to a new directory"
    : >"$EVENTLY_HOME/.evently" || fail "cannot write to $EVENTLY_HOME: set EVENTLY_HOME"
  fi
  take_lock
  # Root's servers run as postgres and read programs and settings here.
  if ((EUID == 0)); then chmod 755 "$EVENTLY_HOME"; else chmod 700 "$EVENTLY_HOME"; fi
  mkdir -p "$EVENTLY_HOME"/{bin,conf,pids}
  local directory
  for directory in postgres log run; do
    mkdir -p "$EVENTLY_HOME/$directory"
    chmod 700 "$EVENTLY_HOME/$directory"
    ((EUID != 0)) || chown postgres:postgres "$EVENTLY_HOME/$directory"
  done
  as_service test -w "$EVENTLY_HOME/run" ||
    fail "user postgres cannot reach $EVENTLY_HOME: set EVENTLY_HOME to a place open to all users"
  make_secrets
}

free_mb_min=300
require_space() {
  local free_mb
  free_mb=$(df --output=avail -m "$EVENTLY_HOME" | tail -n 1 | tr -d ' ')
  ((free_mb >= free_mb_min)) ||
    fail "only $free_mb MB free for $EVENTLY_HOME, $free_mb_min are needed: make room, or set EVENTLY_HOME"
}

# Two commands at once on one directory: the second waits, then finds what the first has done.
lock_wait_s=180
take_lock() {
  exec {lock_fd}>"$EVENTLY_HOME/lock"
  # A bare return would, within an EXIT trap, hand on the status from before it.
  flock --nonblock "$lock_fd" && return 0
  say "another command works on $EVENTLY_HOME; waiting for it"
  flock --wait "$lock_wait_s" "$lock_fd" ||
    fail "still locked after $lock_wait_s s: see which process holds $EVENTLY_HOME/lock"
}
release_lock() { exec {lock_fd}>&-; }

random_word() { od -An -N 24 -tx1 /dev/urandom | tr -d ' \n'; }

# Made once and kept: restarts must not invalidate what clients have noted.
make_secrets() {
  local secrets=$EVENTLY_HOME/secrets name
  if [[ ! -e $secrets ]]; then
    [[ ! -e $EVENTLY_HOME/postgres/data ]] ||
      fail "$secrets is gone, so the database cannot be opened: restore it, or remove $EVENTLY_HOME"
    (
      umask 077
      for name in owner_password api_password bridge_password redis_password admin_key; do
        printf '%s=%s\n' "$name" "$(random_word)"
      done >"$secrets.new"
      mv "$secrets.new" "$secrets"
    )
  fi
  load_secrets
  write_for_service "$EVENTLY_HOME/conf/admin_key" <<<"${admin_key:?}"
}

load_secrets() {
  # shellcheck disable=SC1091
  source "$EVENTLY_HOME/secrets"
}

# write_for_service FILE <CONTENT: only the servers' user and we can read it.
write_for_service() {
  (
    umask 077
    cat >"$1.new"
  )
  if ((EUID == 0)); then
    chgrp postgres "$1.new"
    chmod 640 "$1.new"
  fi
  mv -f "$1.new" "$1"
}

redis_url() { echo "redis://default:${redis_password:?}@127.0.0.1:${EVENTLY_REDIS_PORT:?}/0"; }
database_url() { echo "postgresql://$1:$2@127.0.0.1:${EVENTLY_PG_PORT:?}/evently"; }
api_url() { echo "http://127.0.0.1:${PORT:?}"; }
metrics_url() { echo "http://127.0.0.1:${EVENTLY_BRIDGE_METRICS_PORT:?}/metrics"; }

# For `source`: where everything is and how to get in.
write_env_file() {
  (
    umask 077
    {
      printf 'export API_URL=%q\n' "$(api_url)"
      printf 'export ADMIN_KEY=%q\n' "${admin_key:?}"
      printf 'export DATABASE_URL=%q\n' "$(database_url evently_api "${api_password:?}")"
      printf 'export EVENTLY_OWNER_URL=%q\n' "$(database_url postgres "${owner_password:?}")"
      printf 'export REDIS_URL=%q\n' "$(redis_url)"
      printf 'export BRIDGE_METRICS_URL=%q\n' "$(metrics_url)"
      printf 'export EVENTLY_HOME=%q\n' "$EVENTLY_HOME"
    } >"$EVENTLY_HOME/env.new"
    mv -f "$EVENTLY_HOME/env.new" "$EVENTLY_HOME/env"
  )
}
