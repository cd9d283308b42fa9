# shellcheck shell=bash
# What every script here needs: where the checkout is, and how to speak.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pg_config=${PG_CONFIG:-pg_config}

say() { printf '%s\n' "evently: $*"; }
warn() { printf '%s\n' "evently: $*" >&2; }
fail() {
  warn "$*"
  exit 1
}

# The major version of the PostgreSQL that pg_config belongs to.
postgres_major() {
  "$pg_config" --version 2>/dev/null | sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p'
}

# Programs and tests have a build of their own under each sanitizer, for coverage and for quick unit tests:
# see scripts/dev.
# shellcheck disable=SC2034 # for those who source this
case ${EVENTLY_SANITIZER:-}${EVENTLY_COVERAGE:+coverage}${EVENTLY_UNIT:+unit} in
  '') build_dir=$top/build/cmake ;;
  address) build_dir=$top/build/asan ;;
  thread) build_dir=$top/build/tsan ;;
  unit) build_dir=$top/build/unit ;;
  coverage) build_dir=$top/build/coverage ;;
  *) fail "EVENTLY_SANITIZER: must be address or thread, not '$EVENTLY_SANITIZER'" ;;
esac
