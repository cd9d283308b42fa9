# shellcheck shell=bash
# One measurement of one way.

# sample WAY [ARGUMENT...]: prints the way's sample. A way that fails is a fault of its row, not the end of
# all others.
sample() {
  local sample status
  # Within `||` or `if` errexit would not hold in the way.
  set +e
  sample=$(set -e; "way_$1" "${@:2}")
  status=$?
  set -e
  ((status == 0)) || sample='{"faults":1}'
  echo "$sample"
}
