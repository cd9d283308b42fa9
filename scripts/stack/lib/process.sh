# shellcheck shell=bash
# Starting, finding and stopping one process of the stack by its pid file ("PID START_TICKS").
# shellcheck disable=SC2154 # EVENTLY_HOME comes from home.sh

stop_wait_s=20
kill_wait_s=5

# Servers never run as root: PostgreSQL refuses it, and the others have no need of it.
as_service() {
  if ((EUID == 0)); then
    setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
  else
    "$@"
  fi
}

# Sets start_ticks to the start time of a living process: with the pid it names a process for good.
read_start() {
  local stat fields
  # A zombie is dead: there may be no process to reap it (as process 1 of a plain chroot).
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  # shellcheck disable=SC2206 # the fields after the name, which may hold blanks, are plain words
  fields=(${stat##*) })
  [[ ${fields[0]} != [ZX] ]] || return 1
  start_ticks=${fields[19]}
}

pid_file() { echo "$EVENTLY_HOME/pids/$1"; }
stopping_mark() { echo "$EVENTLY_HOME/pids/$1.stopping"; }

# Prints the pid of a running part; false when the file is missing, stale or names another process.
part_pid() {
  local pid start start_ticks
  { read -r pid start <"$(pid_file "$1")"; } 2>/dev/null || return 1
  [[ $pid =~ ^[0-9]+$ && $start ]] && read_start "$pid" && [[ $start_ticks == "$start" ]] || return 1
  echo "$pid"
}

# Ordinary settings of the caller reach the services; nothing else of its environment does.
clean_environment() {
  local name
  for name in $(compgen -e); do
    case $name in
      EVENTLY_OWNER_URL) unset "$name" ;;
      EVENTLY_* | DB_POOL_SIZE | DB_MAX_OVERFLOW | MAX_RETRIES) ;;
      ASAN_OPTIONS | LSAN_OPTIONS | UBSAN_OPTIONS | TSAN_OPTIONS | GCOV_PREFIX) ;;
      *) unset "$name" ;;
    esac
  done
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
  export HOME=$EVENTLY_HOME/run
}

end_on_signals() {
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

declare -A child_of=() # part -> pid, of those that this shell has started

# launch PART [NAME=VALUE...] -- COMMAND...: in a session of its own, with no terminal, output to the
# part's log. Values go by the environment, because each user can read command lines.
launch() {
  local part=$1 settings=() pid postponed start_ticks file
  file=$(pid_file "$part")
  shift
  while [[ $1 != -- ]]; do
    settings+=("$1")
    shift
  done
  shift
  rotate_log "$part"
  # Between its birth and its pid file no command could find the process to stop it: no command that a
  # Ctrl-C could end is called in between.
  postponed=
  trap 'postponed=130' INT
  trap 'postponed=143' TERM HUP
  (
    trap '' INT TERM HUP
    clean_environment
    ((${#settings[@]} == 0)) || export "${settings[@]}"
    cd "$EVENTLY_HOME/run" || exit 1
    # The shell in between opens the log as the service's user and drops the lock, jobserver, ... A
    # background job of a script ignores SIGINT, which is how PostgreSQL is asked to stop.
    # shellcheck disable=SC2016
    as_service_exec setsid env --default-signal bash -c '
      log=$1; shift
      exec </dev/null >>"$log" 2>&1
      for fd in /proc/self/fd/*; do
        fd=${fd##*/}
        if ((fd > 2)); then exec {fd}>&-; fi
      done
      exec "$@"' "evently-$part" "$(log_file "$part")" "$@"
  ) &
  pid=$!
  # shellcheck disable=SC2034 # for `supervise`
  child_of[$part]=$pid
  read_start "$pid" || start_ticks=
  echo "$pid $start_ticks" >"$file"
  end_on_signals
  [[ -z $postponed ]] || exit "$postponed"
  # Last, so that a `run` elsewhere never sees a part that neither runs nor is being stopped.
  rm -f "$(stopping_mark "$part")"
}

as_service_exec() {
  if ((EUID == 0)); then
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
  else
    exec "$@"
  fi
}

log_file() { echo "$EVENTLY_HOME/log/${1/%postgres/postgresql}.log"; }

log_bytes_max=$((10 * 1024 * 1024))
rotate_log() {
  local log
  log=$(log_file "$1")
  if [[ -f $log ]] && (($(stat -c %s "$log") > log_bytes_max)); then
    as_service mv -f "$log" "$log.1"
  fi
}

show_log() {
  warn "the last lines of $(log_file "$1"):"
  tail -n 12 "$(log_file "$1")" 2>/dev/null | sed 's/^/  /' >&2
}

# wait_gone PART SECONDS: true once the process is gone.
wait_gone() {
  local deadline=$((SECONDS + $2))
  while part_pid "$1" >/dev/null; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

# Asks first, then insists; both waits are bounded.
stop_part() {
  local part=$1 pid signal=TERM last=KILL
  if [[ $part == postgres ]]; then
    signal=INT # fast shutdown: does not wait for clients
    last=QUIT  # immediate: the next start recovers from the log, kill -9 would orphan backends
  fi
  pid=$(part_pid "$part") || {
    rm -f "$(pid_file "$part")"
    return 0
  }
  : >"$(stopping_mark "$part")"
  kill -s "$signal" "$pid" 2>/dev/null || true
  if ! wait_gone "$part" "$stop_wait_s"; then
    warn "$part did not stop within $stop_wait_s s: sending SIG$last"
    kill -s "$last" "$pid" 2>/dev/null || true
    if ! wait_gone "$part" "$kill_wait_s"; then
      warn "$part (pid $pid) does not stop: kill -9 $pid"
      return 1
    fi
  fi
  rm -f "$(pid_file "$part")"
  say "$part stopped"
}

# wait_ready PART: polls the part's own readiness until it answers, dies or is too late.
wait_ready() {
  local part=$1 deadline=$((SECONDS + ready_wait_s))
  until "ready_$part"; do
    if ! part_pid "$part" >/dev/null; then
      show_log "$part"
      warn "$part ended while starting"
      return 1
    fi
    if ((SECONDS >= deadline)); then
      show_log "$part"
      warn "$part is not ready after $ready_wait_s s"
      return 1
    fi
    sleep 0.1
  done
}
ready_wait_s=60
