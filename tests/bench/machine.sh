# shellcheck shell=bash
# On what the figures were made, as JSON.
# shellcheck disable=SC2154 # scratch comes from run

# Microseconds for one 8 kB write with fdatasync, beside the data; empty where it cannot be told.
fsync_us() {
  local program=$1/pg_test_fsync file=$EVENTLY_HOME/bench.fsync
  # It would go on with other methods for a quarter of a minute: we read one line of it.
  { timeout 30 "$program" -s 1 -f "$file" 2>/dev/null || true; } |
    awk '/fdatasync +[0-9]/ {print $(NF - 1); exit}'
  rm -f "$file"
}

describe_machine() {
  local cores model memory_mb version settings us
  cores=$(nproc)
  model=$(sed -n 's/^model name[[:blank:]]*: //p' /proc/cpuinfo | head -n 1)
  memory_mb=$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
  version=$(sql -c 'SHOW server_version')
  settings=$(sql -c "SELECT string_agg(name || ' ' || setting, ', ' ORDER BY name) FROM pg_settings
                     WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_preload_libraries')")
  us=$(fsync_us "$("$pg_config" --bindir)")
  jq -nc --argjson cores "$cores" --arg model "${model:-unknown processor}" --argjson memory_mb "$memory_mb" \
    --arg postgresql "${version%% *}" --arg settings "$settings" --argjson fdatasync_us "${us:-null}" \
    --arg date "$(date -u +%Y-%m-%d)" \
    '{$cores, $model, $memory_mb, $postgresql, $settings, $fdatasync_us, $date}
     | .text = "\(.cores) cores (\(.model)), \(.memory_mb / 1024 | round) GB, PostgreSQL \(.postgresql), \(.date), fdatasync \(.fdatasync_us // "?") us"'
}
