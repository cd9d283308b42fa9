# Reads "round way rate" lines, several of a way in a round are averaged; prints medians and the ratios of a round's ways against their bars.
function median(values, n,    i, j, swap) {
  for (i = 2; i <= n; i++)
    for (j = i; j > 1 && values[j - 1] > values[j]; j--) {
      swap = values[j]; values[j] = values[j - 1]; values[j - 1] = swap
    }
  return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
}
function row(way, what,    r, rates) {
  for (r = 1; r <= rounds; r++) rates[r] = rate[r, way]
  printf "%-52s %8.0f\n", what, median(rates, rounds)
}
function ratio(way, reference, bar, what,    r, ratios, m) {
  for (r = 1; r <= rounds; r++) ratios[r] = rate[r, way] / rate[r, reference]
  m = median(ratios, rounds)
  printf "%-52s %8.2f   %s\n", what, m, bar == "" ? "" : (m >= bar ? "bar " bar " met" : "bar " bar " MISSED")
  if (bar != "" && m < bar) missed = 1
}
{ sum[$1, $2] += $3; runs[$1, $2]++; if ($1 > rounds) rounds = $1 }
END {
  for (key in sum) rate[key] = sum[key] / runs[key]
  print "\nbookings of one event, median of " rounds " rounds        bookings/s"
  row("book_1", "book(), 1 client")
  row("plpgsql_book_1", "the same in PL/pgSQL, 1 client")
  row("book_32", "book(), 32 clients")
  row("client_transaction_32", "transaction from the client, 32 clients")
  row("rest_64", "REST, 64 connections")
  print "\nratio within a round, median"
  ratio("book_1", "plpgsql_book_1", 0.95, "book() / PL/pgSQL, 1 client")
  ratio("book_32", "client_transaction_32", 1.3, "book() / transaction from the client, 32 clients")
  ratio("rest_64", "client_transaction_32", "", "REST, 64 connections / transaction, 32 clients")
  exit missed
}
