# The figures as a table for people.
def pad($width): tostring | if length < $width then " " * ($width - length) + . else . end;
def padded($width): tostring | if length < $width then . + " " * ($width - length) else . end;
def rounded($digits): if . == null then "-"
  else ([range($digits) | 10] | reduce .[] as $ten (1; . * $ten)) as $scale
    | (. * $scale | round) as $whole
    | if $digits == 0 then $whole | tostring
      else ($whole / $scale | floor | tostring) + "." + ($whole % $scale | tostring | ("0" * ($digits - length) // "") + .)
      end end;
def figure: rounded(if . == null or . >= 1000 or . == floor then 0 else 2 end);

def workload_line: "  \(.title | padded(60))" + (.per_s | rounded(0) | pad(10)) + (.commits_s | rounded(0) | pad(11))
  + (.p50_ms | rounded(2) | pad(9)) + (.p99_ms | rounded(2) | pad(9));
def verdict: if .threshold == null then ""
  else "   threshold \(.sense) \(.threshold) " + (if .met == null then "not run" elif .met then "met" else "MISSED" end)
    + (if .hoped == null then "" else ", hoped for \(.hoped)" end) end;
def check_line: "    \(.title | padded(58))" + (.value | figure | pad(10)) + verdict;

.machine.text, .machine.settings,
"Medians of \(.settings.rounds) rounds of \(.settings.seconds) s. Load generators and servers share the machine. Closed loops: a slow answer delays the next question, which flatters latencies.",
"Commits: those that sold, counted by the versions of their events.",
"",
("" | padded(62)) + ("per s" | pad(10)) + ("commits/s" | pad(11)) + ("p50 ms" | pad(9)) + ("p99 ms" | pad(9)),
(.rows[] | "", "\(.row): \(.title)" + (if .ran then "" else " (not run)" end),
  (if .ran then .workloads[] | workload_line else empty end), (.checks[] | check_line)),
"",
(if all(.plot[]; .points == []) then "plot: (not run)"
 else ([.plot[].points[].clients] | unique) as $clients
   | "plot: bookings/s of one event by number of clients",
     "  " + ("" | padded(30)) + ([$clients[] | pad(9)] | add),
     (.plot[] | . as $workload | "  \(.title | padded(30))"
       + ([$clients[] | . as $n | [$workload.points[] | select(.clients == $n).per_s][0] | rounded(0) | pad(9)] | add)),
     (if .plot_faults > 0 then "  \(.plot_faults) answers wrong, late or lost: MISSED" else empty end)
 end),
"",
"\([.rows[].checks[] | select(.met == true)] | length) thresholds met, \(.missed) missed, \([.rows[].checks[] | select(.threshold != null and .value == null)] | length) not run"
