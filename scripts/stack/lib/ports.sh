# shellcheck shell=bash
# Which ports of 127.0.0.1 the stack uses; kept in conf/ports while it runs.
# shellcheck disable=SC2154 # EVENTLY_HOME comes from home.sh

# variable, part, default
port_table=(
  'EVENTLY_PG_PORT postgres 54320'
  'EVENTLY_REDIS_PORT redis 63790'
  'EVENTLY_BRIDGE_METRICS_PORT bridge 8081'
  'PORT api 8080'
)

# True when something listens on the port, on whatever address.
port_is_taken() {
  local hex
  printf -v hex '%04X' "$1"
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    awk -v suffix=":$hex" '$4 == "0A" && substr($2, length($2) - 4) == suffix { found = 1 }
      END { exit !found }'
}

# Sets `port`, none of "$@". Below the range from which the kernel takes ports of outgoing connections.
free_port() {
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    port=$((20000 + SRANDOM % 12000))
    [[ " $* " == *" $port "* ]] || port_is_taken "$port" || return 0
  done
  fail "found no free port between 20000 and 32000"
}

# Takes each port from the environment, 0 or auto meaning any free one, else the default.
choose_ports() {
  local row variable _ default port chosen=()
  for row in "${port_table[@]}"; do
    read -r variable _ default <<<"$row"
    port=${!variable:-$default}
    if [[ $port == 0 || $port == auto ]]; then
      free_port "${chosen[@]}"
    elif [[ ! $port =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65535)); then
      fail "$variable: must be a port from 1 to 65535, or 0 for any free one, not '$port'"
    elif [[ " ${chosen[*]} " == *" $port "* ]]; then
      fail "$variable: port $port is another part's already"
    fi
    chosen+=("$port")
    printf -v "$variable" '%s' "$port"
  done
}

load_ports() {
  # shellcheck disable=SC1091
  source "$EVENTLY_HOME/conf/ports"
}

save_ports() {
  local row variable _
  for row in "${port_table[@]}"; do
    read -r variable _ <<<"$row"
    printf '%s=%s\n' "$variable" "${!variable}"
  done >"$EVENTLY_HOME/conf/ports"
}

# Says in one line which variable moves a part whose port another program has.
require_free_port() {
  local row variable part _
  for row in "${port_table[@]}"; do
    read -r variable part _ <<<"$row"
    [[ $part == "$1" ]] || continue
    if port_is_taken "${!variable}"; then
      fail "port ${!variable} ($part) is in use by another program: set $variable to another, or to 0 for any free one"
    fi
  done
}
