# Pairs in, figures out: the ratio new / old per pair, its median, and the 90 % interval of the median by the
# order statistics, which assumes nothing about how the ratios are spread.
def choose($n; $k): reduce range($k) as $i (1; . * ($n - $i) / ($i + 1));
# The chance that at most $k of $n coins fall on heads.
def at_most($n; $k): [range($k + 1) | choose($n; .)] | add / pow(2; $n);
# How many ratios to leave out at either end: as many as keep the chance of each to 5 %.
def left_out($n): [range(1; $n / 2 | floor) | select(at_most($n; . - 1) <= 0.05)] | max // 0;
def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;
def rounded: . * 1000 | round / 1000;
def padded($width): tostring | . + " " * ([$width - length, 0] | max);
def pad($width): tostring | " " * ([$width - length, 0] | max) + .;

. as $samples
| [$samples | group_by(.workload)[]
   | .[0].workload as $workload
   | [group_by(.pair)[] | (map({key: .build, value: .per_s}) | from_entries) | select(.old and .new)] as $pairs
   | ([$pairs[] | .new / .old] | sort) as $ratios
   | ($ratios | length) as $n
   | left_out($n) as $out
   | ([group_by(.pair)[] | (map({key: .build, value: .cpu_us}) | from_entries) | select(.old and .new) | .new / .old]) as $cpu
   | {workload: $workload, pairs: $n, ratios: $ratios, enough: ($out > 0), cpu: (if $cpu == [] then null else $cpu | median end),
      old: (if $n > 0 then [$pairs[].old] | median else null end),
      new: (if $n > 0 then [$pairs[].new] | median else null end),
      median: (if $n > 0 then $ratios | median else null end),
      low: (if $out > 0 then $ratios[$out - 1] else null end),
      high: (if $out > 0 then $ratios[$n - $out] else null end)}
   | .missed = (if .enough then .high < $at_least else true end)
  ] as $workloads
| {$workloads, missed: ([$workloads[] | select(.missed)] | length), faults: ([$samples[].faults] | add)}
| .lines = ["", ("workload" | padded(26)) + ("old /s" | pad(10)) + ("new /s" | pad(10)) + ("pairs" | pad(8))
            + ("median" | pad(9)) + "   90 % interval"]
  + [.workloads[] | (.workload | padded(26)) + (.old // 0 | round | pad(10)) + (.new // 0 | round | pad(10)) + (.pairs | pad(8))
     + (.median // 0 | rounded | pad(9))
     + (if .enough | not then "   MISSED: too few pairs for an interval, 5 at least"
        else "   \(.low | rounded) to \(.high | rounded)"
          + (if .cpu then ", CPU time of the service per booking \(.cpu | rounded)" else "" end)
          + (if .missed then "   MISSED: all of it lies below \($at_least)" else "" end) end)]
  + ["", "\(.missed) missed, \(.faults) answers wrong, late or lost, or books out of balance"]
