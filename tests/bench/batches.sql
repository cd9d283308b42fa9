-- Batches of new keys, as long as the service's own.
TRUNCATE bench.batches;
INSERT INTO bench.batches
SELECT batch, array_agg(:first_user + n % (:last_user - :first_user + 1)), array_agg(1),
       array_agg('svc-' || md5(:event_id || '-' || n))
FROM generate_series(1, :batches) batch,
  LATERAL generate_series((batch - 1) * :items + 1, batch * :items) n
GROUP BY batch;
VACUUM (ANALYZE) bench.batches;
