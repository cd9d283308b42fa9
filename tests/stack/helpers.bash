# shellcheck shell=bash
# Sourced first by each test here: a state directory of its own, free ports, and a few checks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work=$(mktemp -d "${EVENTLY_TEST_DIR:-${TMPDIR:-/tmp}}/stack.XXXXXX")
chmod 711 "$work"
export EVENTLY_HOME=$work/home
export EVENTLY_PG_PORT=0 EVENTLY_REDIS_PORT=0 EVENTLY_BRIDGE_METRICS_PORT=0 PORT=0
failed=0
checked=0
helpers=() # processes that a test starts itself

finish() {
  local status=$? process
  trap '' INT TERM HUP
  for process in "${helpers[@]}"; do kill "$process" 2>/dev/null || true; done
  scripts/stack/stack down >/dev/null 2>&1 || true
  rm -rf "$work"
  ((status == 0)) || echo "ended early with status $status"
  echo "$checked checked, $failed failed"
  ((status == 0 && failed == 0 && checked > 0)) || exit 1
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# check SENTENCE COMMAND...
check() {
  local sentence=$1
  shift
  checked=$((checked + 1))
  if "$@"; then
    echo "ok - $sentence"
  else
    failed=$((failed + 1))
    echo "not ok - $sentence"
    printf '  %s\n' "status: ${status:-}" "output: ${output:-}"
  fi
}

# call COMMAND...: its output, both streams, in $output, what of it went to stderr in $complaint and
# its exit status in $status.
call() {
  status=0
  output=$({ "$@" 2> >(tee "$work/complaint"); } 2>&1) || status=$?
  # shellcheck disable=SC2034 # for the tests
  complaint=$(<"$work/complaint")
}

says() { [[ $output == *"$1"* ]]; }
is_one_line() { [[ $(wc -l <<<"$1") == 1 ]]; }
equal() { [[ $1 == "$2" ]]; }
differ() { [[ $1 != "$2" ]]; }
mode_is() { [[ $(stat -c %a "$1") == "$2" ]]; }

pid_of() { cut -d ' ' -f 1 "$EVENTLY_HOME/pids/$1"; }

# A zombie does not run; it may have no parent that reaps it.
runs() { [[ -e /proc/$1/stat && $(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) == [!ZX] ]]; }
runs_not() { ! runs "$1"; }

session_of() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 4; }

# Whatever works in the state directory has its working directory there.
nothing_runs_here() {
  local process
  for process in /proc/[0-9]*; do
    [[ $(readlink "$process/cwd" 2>/dev/null) != "$EVENTLY_HOME"/* ]] || runs_not "${process#/proc/}" ||
      return 1
  done
}

# eventually SECONDS COMMAND...
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

owner_sql() {
  (
    # shellcheck disable=SC1091
    source "$EVENTLY_HOME/env"
    psql -X -q -At -v ON_ERROR_STOP=1 "$EVENTLY_OWNER_URL" -c "$1"
  )
}
