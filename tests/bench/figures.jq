# Samples in, figures out: those of a workload within a round averaged, then medians over the rounds.
include "rows";

def mean: if . == [] then null else add / length end;
def median: sort
  | if . == [] then null else (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2 end;

# One object out of several: each figure reduced over those that have it.
def merge(reduction): . as $all
  | map(keys_unsorted[]) | unique
  | map(. as $name | {key: $name, value: ([$all[] | .[$name] | numbers] | reduction)}) | from_entries;

def by(name): group_by(name) | map({key: (.[0] | name), value: .}) | from_entries;
def figures: map(del(.row, .round, .workload));

# Where nothing is allowed the worst round counts.
def over_rounds: (if .[0].threshold == 0 then max_by(.value) else .[0] + {value: (map(.value | numbers) | median)} end)
  | .met = (if .threshold == null or .value == null then null
            elif .sense == ">=" then .value >= .threshold
            elif .sense == "<" then .value < .threshold
            else .value <= .threshold end);

. as $samples
| [range(1; $rounds + 1) as $round
   | $samples | map(select(.round == $round)) | by(.row) | map_values(by(.workload) | map_values(figures | merge(mean)))
  ] as $by_round
| ($samples | by(.row) | map_values(map(.faults) | add)) as $faults
| [$by_round[] | [rows]] | transpose
| map(. as $row | .[0]
    | {row, title, ran: ($faults[.row] != null),
       workloads: [.workloads | to_entries[] | . as $workload
              | {workload: .key, title: .value} + ([$row[].samples | select(. != null)[$workload.key] | select(. != null)] | merge(median))],
       checks: ([$row | map(.checks) | transpose[] | over_rounds]
                + [if $faults[.row] == null then empty else [{title: "answers wrong, late or lost, bookings miscounted, verify()",
                     value: $faults[.row], sense: "<=", threshold: 0, hoped: null}] | over_rounds end])})
| {machine: $machine, settings: {rounds: $rounds, seconds: $seconds, hot_seconds: $hot_seconds},
   rows: .,
   plot: [$plot_workloads[] | . as $line | (.workload | gsub(" "; "_")) as $workload
     | {workload: $workload, title,
        points: [$samples | map(select(.row == "plot" and (.workload | test("^\($workload)_[0-9]+$"))))
                 | group_by(.workload)[]
                 | {clients: (.[0].workload | sub("^.*_"; "") | tonumber)} + (figures | merge(median))]
                | sort_by(.clients)}],
   plot_faults: ($faults.plot // 0)}
| .missed = ([.rows[].checks[] | select(.met == false)] | length) + (if .plot_faults > 0 then 1 else 0 end)
