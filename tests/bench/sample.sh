# shellcheck shell=bash
# One measurement of one workload.

# sample WORKLOAD [ARGUMENT...]: prints the workload's sample. A workload that fails is a fault of its row,
# not the end of all others.
sample() {
  local sample status
  # Within `||` or `if` the workload would run without errexit.
  set +e
  sample=$(set -e; "workload_$1" "${@:2}")
  status=$?
  set -e
  ((status == 0)) || sample='{"faults":1}'
  echo "$sample"
}
