# What each row compares. The input is one round: samples by row, then by workload.

# A figure without a threshold is only shown. `value` is null where a sample is missing.
def check($title; value; $sense; $threshold; $hoped):
  {title: $title, value: (try (value) catch null), sense: $sense, threshold: $threshold, hoped: $hoped};
def at_least($title; value; $threshold; $hoped): check($title; value; ">="; $threshold; $hoped);
def at_most($title; value; $threshold; $hoped): check($title; value; "<="; $threshold; $hoped);
def below($title; value; $threshold; $hoped): check($title; value; "<"; $threshold; $hoped);
def shown($title; value): check($title; value; null; null; null);

# `workloads` names the samples as the table shows them.
def row($name; $title; $workloads; checks):
  {row: $name, title: $title, workloads: $workloads, samples: .[$name], checks: ((.[$name] // {}) | [checks])};

# What this machine could do at best: each booking read and answered, and two cores for the rows.
def limit: 1 / (1 / .echo_64.per_s + 1 / (2 * .bulk.per_s));

def rows:
  row("book_1"; "book() on one event, 1 client";
    {sql_book_1: "book()", sql_plpgsql_book_1: "the same in PL/pgSQL"};
    at_least("book() / PL/pgSQL"; .sql_book_1.per_s / .sql_plpgsql_book_1.per_s; 0.95; null)),

  row("book_32"; "book() on one event, 32 clients";
    {sql_book_32: "book()", sql_client_transaction_32: "transaction from the client"};
    at_least("book() / transaction"; .sql_book_32.per_s / .sql_client_transaction_32.per_s; 1.3; null)),

  row("rest"; "REST bookings of one event";
    {echo_64: "H: bare HTTP server, 64 connections", bulk: "R: bulk insert of 100,000 rows",
     rest_64: "REST, 64 connections", rest_256: "REST, 256 connections",
     rest_2000: "REST, 2,000 connections",
     sql_client_transaction_64: "transaction from the client, 64 clients"};
    shown("L = 1 / (1/H + 1/2R)"; limit),
    at_least("REST 64 / L"; .rest_64.per_s / limit; 0.55; 0.8),
    shown("REST 256 / L"; .rest_256.per_s / limit),
    at_least("REST 64 / transaction 64"; .rest_64.per_s / .sql_client_transaction_64.per_s; 12; null),
    at_least("REST 256 / REST 64"; .rest_256.per_s / .rest_64.per_s; 0.9; null),
    at_most("REST 256: p99 / (256 / rate)"; .rest_256 | .p99_ms / (256 / .per_s * 1000); 4; null),
    at_most("REST 256: time-outs"; .rest_256.timeouts; 0; null),
    at_least("REST 2,000 / REST 256"; .rest_2000.per_s / .rest_256.per_s; 0.9; 1),
    below("REST 2,000: p99 / (2,000 / rate)"; .rest_2000 | .p99_ms / (2000 / .per_s * 1000); 4; null),
    at_most("REST 2,000: time-outs"; .rest_2000.timeouts; 0; null),
    shown("REST 256: CPU time of the service per booking, us"; .rest_256.cpu_us),
    below("REST 256: memory of the service, MB"; .rest_256.rss_mb; 100; null)),

  row("idle"; "REST bookings of one event, 256 connections, beside 10,000 idle ones";
    {rest_256: "without them", rest_beside_idle_256_10000: "with them"};
    at_least("with / without"; .rest_beside_idle_256_10000.per_s / .rest_256.per_s; 0.95; 1),
    below("memory of the service with them, MB"; .rest_beside_idle_256_10000.rss_mb; 200; null)),

  row("refusals"; "REST refusals of a sold-out event, 256 connections";
    {echo_256: "H: bare HTTP server", refused_256: "without keys", refused_keys_256: "each with a new key"};
    at_least("without keys / H"; .refused_256.per_s / .echo_256.per_s; 1.3; 1.6),
    at_least("each with a new key / H"; .refused_keys_256.per_s / .echo_256.per_s; 0.8; 1)),

  row("book_many"; "book_many of 256 items, 1 client";
    {book_many: "book_many, rows", bulk: "R: bulk insert of 100,000 rows"};
    at_least("book_many / R"; .book_many.per_s / .bulk.per_s; 0.5; 0.8)),

  row("many_events"; "book() on 1,000 events, 32 clients, bridge attached";
    {many_events_book_on: "notifications on", many_events_book_off: "notifications off"};
    at_least("on / off"; .many_events_book_on.per_s / .many_events_book_off.per_s; 0.9; 1)),

  row("group"; "book_and_commit on one event";
    {sql_book_and_commit_1: "1 client", sql_book_1: "book(), 1 client",
     sql_book_and_commit_32: "32 clients", sql_client_transaction_32: "transaction from the client, 32 clients",
     sql_book_and_commit_64: "64 clients", sql_book_and_commit_128: "128 clients"};
    at_least("1 client / book()"; .sql_book_and_commit_1.per_s / .sql_book_1.per_s; 0.85; null),
    at_least("32 clients / transaction"; .sql_book_and_commit_32.per_s / .sql_client_transaction_32.per_s; 10; 15),
    at_least("64 clients / 32 clients"; .sql_book_and_commit_64.per_s / .sql_book_and_commit_32.per_s; 0.9; null),
    at_least("128 clients / 32 clients"; .sql_book_and_commit_128.per_s / .sql_book_and_commit_32.per_s; 0.75; null)),

  row("group_cold"; "book_and_commit on 1,000 events, 32 clients";
    {many_events_book_and_commit: "book_and_commit", many_events_book: "book()"};
    at_least("book_and_commit / book()"; .many_events_book_and_commit.per_s / .many_events_book.per_s; 0.95; null)),

  row("get_event"; "GET of one event, 256 connections";
    {get_event_256: "GET /events/{id}", echo_get_256: "H': bare HTTP server, the same answer"};
    at_least("GET / H'"; .get_event_256.per_s / .echo_get_256.per_s; 1.4; 1.7)),

  row("quiet"; "REST bookings of a quiet event, 1 connection";
    {quiet: "alone", quiet_beside_hot: "beside a hot event with 64 connections"};
    below("p99 beside / p99 alone"; .quiet_beside_hot.p99_ms / .quiet.p99_ms; 4; 2)),

  row("cancel"; "REST cancellations of one event, 64 connections";
    {cancel_64: "cancellations", quiet: "bookings of a quiet event alone, 1 connection",
     quiet_beside_cancels: "... beside the cancellations"};
    below("quiet event: p99 beside / p99 alone"; .quiet_beside_cancels.p99_ms / .quiet.p99_ms; 5; 2)),

  row("big"; "REST bookings of one event with 5,000,000 bookings in the table, 64 connections";
    {rest_64: "without them", rest_full_64: "with them"};
    at_least("with / without"; .rest_full_64.per_s / .rest_64.per_s; 0.85; 1)),

  row("hot_run"; "REST bookings for minutes, 64 connections";
    {hot_run: "REST"};
    at_least("share of HOT updates on events"; .hot_run.hot_share; 0.99; null),
    below("size of events in the end, MB"; .hot_run.relation_mb; 2; null));
