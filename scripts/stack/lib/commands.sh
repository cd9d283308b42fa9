# shellcheck shell=bash
# The commands on the stack as a whole: up, run, down, status.
# shellcheck disable=SC2154 # EVENTLY_HOME, ports and passwords come from home.sh and ports.sh

parts=(postgres redis bridge api) # in the order of starting; stopped in reverse
started=()

any_part_runs() {
  local part
  for part in "${parts[@]}"; do
    if part_pid "$part" >/dev/null; then return 0; fi
  done
  return 1
}

# start_missing PART...: what runs already is left alone.
start_missing() {
  local part missing=()
  if any_part_runs && [[ -e $EVENTLY_HOME/conf/ports ]]; then
    load_ports
  else
    choose_ports
  fi
  for part in "$@"; do
    if ! part_pid "$part" >/dev/null; then
      require_free_port "$part"
      missing+=("$part")
    fi
  done
  save_ports
  write_env_file
  for part in "${missing[@]}"; do
    say "starting $part"
    started+=("$part")
    "start_$part"
    wait_ready "$part"
    if [[ $part == postgres ]]; then set_up_database; fi
  done
}

# A start that fails or is interrupted leaves nothing half-started behind.
undo_start() {
  local i
  shield_stopping
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do
    stop_part "${started[i]}"
  done
}

# While things are being stopped neither a second Ctrl-C nor a terminal that is gone (so that nothing
# can be printed any more) may leave servers behind; every wait on the way is bounded.
shield_stopping() {
  trap - EXIT
  trap '' INT TERM HUP PIPE
  set +e
}

# open_stack PART...: starts what is missing and notes it in `started`. The lock stays held and the
# traps stay set. Called plainly, never in a condition, which would switch errexit off in here.
open_stack() {
  prepare_home
  trap undo_start EXIT
  end_on_signals
  start_missing "$@"
}

close_stack() {
  trap - EXIT INT TERM HUP
  release_lock
}

command_up() {
  (($# > 0)) || set -- "${parts[@]}"
  open_stack "$@"
  close_stack
  if ((${#started[@]} > 0)); then
    print_welcome
  else
    say_running_already
  fi
}

say_running_already() { say "running already: $(api_url), state in $EVENTLY_HOME"; }

command_run() {
  open_stack "${parts[@]}"
  if ((${#started[@]} == 0)); then
    close_stack
    say_running_already
    return 0
  fi
  interrupted=
  trap 'interrupted=yes' INT TERM HUP
  trap stop_after_run EXIT
  release_lock
  print_welcome
  say "Ctrl-C stops everything"
  supervise
}

stop_after_run() {
  shield_stopping
  any_part_runs || return 0
  take_lock
  stop_all
}

# Waits until the operator interrupts, a part ends by itself (a failure) or all have been stopped.
supervise() {
  local part pid runs=("${parts[@]}") still children
  while [[ -z $interrupted ]] && ((${#runs[@]} > 0)); do
    still=()
    children=()
    for part in "${runs[@]}"; do
      if pid=$(part_pid "$part"); then
        still+=("$part")
        [[ ${child_of[$part]:-} != "$pid" ]] || children+=("$pid")
      elif [[ -e $(stopping_mark "$part") ]]; then
        say "$part was stopped by another command"
      elif [[ $interrupted ]]; then
        return 0 # Ctrl-C also ended the look at the part
      else
        show_log "$part"
        warn "$part ended by itself; stopping the others"
        return 1
      fi
    done
    runs=("${still[@]}")
    # A child that ends is told at once; what another command started is looked at once a second.
    sleep 1 >/dev/null 2>&1 &
    wait -n "${children[@]}" $! 2>/dev/null || true
  done
}

stop_all() {
  local i status=0
  for ((i = ${#parts[@]} - 1; i >= 0; i--)); do
    stop_part "${parts[i]}" || status=1
  done
  return "$status"
}

command_down() {
  if ! home_exists || ! any_part_runs; then
    say "nothing runs in $EVENTLY_HOME"
    return 0
  fi
  require_owner
  take_lock
  stop_all
  say "all stopped; data is kept in $EVENTLY_HOME"
}

command_start() {
  if part_pid "$1" >/dev/null; then
    say "$1 runs already"
    return 0
  fi
  open_stack "$1"
  close_stack
  say "$1 is ready"
}

command_stop() {
  home_exists || fail "there is no stack in $EVENTLY_HOME: make up makes one"
  require_owner
  take_lock
  part_pid "$1" >/dev/null || say "$1 does not run"
  stop_part "$1"
}

command_restart() {
  command_stop "$1"
  release_lock
  command_start "$1"
}

require_owner() {
  [[ -O $EVENTLY_HOME ]] ||
    fail "the stack in $EVENTLY_HOME belongs to $(stat -c %U "$EVENTLY_HOME"): call as that user"
}

# Exit status 3, as init scripts have it, when a part does not run.
command_status() {
  local row variable part pid _ status=0
  if ! home_exists || [[ ! -e $EVENTLY_HOME/conf/ports ]]; then
    say "no stack in $EVENTLY_HOME yet: make up"
    return 3
  fi
  load_ports
  for row in "${port_table[@]}"; do
    read -r variable part _ <<<"$row"
    if pid=$(part_pid "$part"); then
      printf '%-10s running   127.0.0.1:%-6s pid %s\n' "$part" "${!variable}" "$pid"
    else
      printf '%-10s stopped\n' "$part"
      status=3
    fi
  done
  printf '%-10s %s\n' state "$EVENTLY_HOME"
  return "$status"
}

# A user and an event that can be booked now; demo data where nothing is left of it.
first_booking() {
  local query='SELECT u.id, e.id FROM (SELECT min(id) AS id FROM evently.user_list) u,
    (SELECT min(id) AS id FROM evently.event_list WHERE start_at > now() AND seats_available > 0) e
    WHERE u.id IS NOT NULL AND e.id IS NOT NULL'
  owner_psql -At --field-separator ' ' --dbname evently --command "$query" | grep . ||
    { owner_psql --dbname evently --command 'SELECT evently.seed_demo_data()' >/dev/null &&
      owner_psql -At --field-separator ' ' --dbname evently --command "$query"; }
}

print_welcome() {
  part_pid api >/dev/null || return 0
  local url user_id event_id
  url=$(api_url)
  read -r user_id event_id < <(first_booking)
  cat <<WELCOME

Evently is ready.
  API        $url   (try it in the browser: $url/docs)
  admin key  $admin_key
  state      $EVENTLY_HOME

Book a seat over REST:
  curl --json '{"user_id":$user_id,"event_id":$event_id}' $url/bookings

Book one over SQL:
  source $EVENTLY_HOME/env
  psql "\$EVENTLY_OWNER_URL" -c 'SELECT * FROM evently.book($user_id, $event_id)'

WELCOME
}
