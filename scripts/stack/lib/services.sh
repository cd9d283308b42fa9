# shellcheck shell=bash
# Redis, the bridge and the API: how each is started and when it is ready.
# shellcheck disable=SC2154 # EVENTLY_HOME, ports and passwords come from home.sh and ports.sh

# Tokens are a hint that the bridge can always make again: nothing is saved, nothing is evicted.
start_redis() {
  command -v redis-server >/dev/null || fail "there is no redis-server: run scripts/dev/packages run"
  write_for_service "$EVENTLY_HOME/conf/redis.conf" <<SETTINGS
# Written at every start.
bind 127.0.0.1
port $EVENTLY_REDIS_PORT
requirepass $redis_password
daemonize no
dir $EVENTLY_HOME/run
save ""
appendonly no
maxmemory 64mb
maxmemory-policy noeviction
SETTINGS
  launch redis -- "$(command -v redis-server)" "$EVENTLY_HOME/conf/redis.conf"
}

ask_redis() {
  REDISCLI_AUTH=$redis_password timeout 3 redis-cli -h 127.0.0.1 -p "$EVENTLY_REDIS_PORT" "$@" 2>/dev/null
}

ready_redis() { [[ $(ask_redis PING) == PONG ]]; }

answers() { curl --silent --fail --max-time 3 --output /dev/null --noproxy '*' "$1"; }

start_bridge() {
  copy_program redis_bridge/evently-bridge
  launch bridge \
    DATABASE_URL="$(database_url evently_bridge "$bridge_password")" REDIS_URL="$(redis_url)" \
    EVENTLY_BRIDGE_METRICS_PORT="$EVENTLY_BRIDGE_METRICS_PORT" \
    -- "$EVENTLY_HOME/bin/evently-bridge"
}

# Tokens count only under the lease, which the bridge takes once Redis agrees with the database. With
# Redis stopped on purpose, bridge and service are as ready as they can be.
ready_bridge() {
  answers "http://127.0.0.1:$EVENTLY_BRIDGE_METRICS_PORT/health" || return 1
  ! part_pid redis >/dev/null || [[ $(ask_redis EXISTS evently:lease) == 1 ]]
}

start_api() {
  copy_program api/evently-api
  launch api \
    DATABASE_URL="$(database_url evently_api "$api_password")" REDIS_URL="$(redis_url)" \
    ADMIN_KEY_FILE="$EVENTLY_HOME/conf/admin_key" PORT="$PORT" \
    -- "$EVENTLY_HOME/bin/evently-api"
}

ready_api() {
  answers "$(api_url)/health" || return 1
  ! part_pid redis >/dev/null || answers "$(api_url)/ready"
}

# copy_program PATH_IN_BUILD: replaced by rename, because an old one may still be running somewhere.
copy_program() {
  local from=$build_dir/$1 to=$EVENTLY_HOME/bin/${1##*/}
  [[ -x $from ]] || fail "${1##*/} is not built: run scripts/dev/build run"
  install -m 755 "$from" "$to.new"
  mv -f "$to.new" "$to"
}
