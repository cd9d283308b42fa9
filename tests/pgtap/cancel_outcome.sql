\ir prelude.psql
SELECT plan(7);

SELECT id AS booking FROM evently.book(-1, -10, 4) \gset
SELECT results_eq(
  format('SELECT * FROM evently.cancel_outcome(%s)', :booking),
  format($$VALUES (%s::bigint, -10::bigint, 'CANCELLED', true, 3::bigint, 10)$$, :booking),
  'a cancellation tells the event''s version and seats after it');
SELECT is(pg_temp.inventory(-10), '10/10 v3', '... which are those of the event');
SELECT results_eq(
  format('SELECT * FROM evently.cancel_outcome(%s)', :booking),
  format($$VALUES (%s::bigint, -10::bigint, 'CANCELLED', false, NULL::bigint, NULL::integer)$$,
    :booking),
  'a second one says that it changed nothing, and tells no inventory');
SELECT is(pg_temp.inventory(-10), '10/10 v3', '... and changed nothing');
SELECT results_eq(
  format('SELECT status, changed FROM evently.cancel_outcome(%s)',
    (SELECT id FROM evently.book(-2, -10, 4))),
  $$VALUES ('CANCELLED', true)$$, 'a booking of the same transaction can be cancelled');

-- The same code decides, so the refusals are the same.
SELECT is(pg_temp.refusal(format('SELECT evently.cancel_outcome(%s)', argument)),
          pg_temp.refusal(format('SELECT evently.cancel(%s)', argument)),
          format('refused as by cancel: %s', argument))
FROM unnest(ARRAY['NULL', '-99']) AS argument;

SELECT * FROM finish();
ROLLBACK;
