-- The functions that book and cancel seats: C++ in extension/seats and extension/group. Each locks its
-- event before it changes anything. Their statements are planned once per session, by index alone: a plan
-- made while a table was small would read all of it once it is large, and a foreign key's check would
-- build a bitmap for the one row of an event.

CREATE OR REPLACE FUNCTION evently.book(
  user_id bigint, event_id bigint, seats integer DEFAULT 1, idempotency_key text DEFAULT NULL)
RETURNS evently.bookings
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_book';
COMMENT ON FUNCTION evently.book(bigint, bigint, integer, text) IS
  'Books seats (1 to 1,000,000) of an event for a user, as part of the caller''s transaction, and returns the booking. Call it in FROM: SELECT (evently.book(...)).* books once for each column. A repeat of the user''s idempotency_key (1 to 255 bytes) returns the first booking as it is now. Errors: 22023 invalid-request, TK104 idempotency-key-reused, TK001 event-not-found, TK002 user-not-found, TK103 booking-closed, TK101 not-enough-seats; checked in this order.';

CREATE OR REPLACE FUNCTION evently.book_outcome(
  user_id bigint, event_id bigint, seats integer DEFAULT 1, idempotency_key text DEFAULT NULL,
  OUT booking_id bigint, OUT user_id bigint, OUT event_id bigint, OUT seats integer,
  OUT status text, OUT created_at timestamptz, OUT replayed boolean, OUT version bigint,
  OUT seats_available integer)
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_book_outcome';
COMMENT ON FUNCTION evently.book_outcome(bigint, bigint, integer, text) IS
  'As book, and reports what it did: replayed (the key was used before), and the event''s version and seats_available after it, both NULL when replayed. For callers that cache the inventory.';

CREATE OR REPLACE FUNCTION evently.book_many(
  event_id bigint, user_ids bigint[], seats integer[], idempotency_keys text[] DEFAULT NULL,
  OUT "position" integer, OUT outcome text, OUT sqlstate text, OUT message text,
  OUT booking_id bigint, OUT user_id bigint, OUT event_id bigint, OUT seats integer,
  OUT status text, OUT created_at timestamptz, OUT version bigint, OUT seats_available integer)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_book_many';
COMMENT ON FUNCTION evently.book_many(bigint, bigint[], integer[], text[]) IS
  'Books many items (at most 1000, each a user, seats and perhaps an idempotency_key) of one event under one lock, as part of the caller''s transaction, with the outcome of the same calls of book in this order. Returns one row per item in order: its position from 1; outcome booked, replayed (the key was used before, in the table or in this batch) or refused; when refused the sqlstate and message that book would raise, else the booking; and the event''s version and seats_available after the batch, NULL when the event does not exist or was not read. A refused item does not affect the others. Without keys pass NULL for the array or for its element. Errors: 22023 invalid-request when an array is null, has several dimensions, another length or too many elements, or holds nulls.';

CREATE OR REPLACE PROCEDURE evently.book_and_commit(
  user_id bigint, event_id bigint, seats integer DEFAULT 1, idempotency_key text DEFAULT NULL,
  INOUT booking_id bigint DEFAULT NULL, INOUT status text DEFAULT NULL,
  INOUT created_at timestamptz DEFAULT NULL, INOUT replayed boolean DEFAULT NULL,
  INOUT version bigint DEFAULT NULL, INOUT seats_available integer DEFAULT NULL)
LANGUAGE c
AS 'MODULE_PATHNAME', 'evently_book_and_commit';
COMMENT ON PROCEDURE evently.book_and_commit(
  bigint, bigint, integer, text, bigint, text, timestamptz, boolean, bigint, integer) IS
  'Books seats as book does, in a transaction of its own, and commits: on return the booking is as durable as synchronous_commit asks. Sessions that book the same event at the same time share one lock and one commit (group commit), so that a busy event books many times faster than with book. Outside a transaction block only. Returns the booking_id, its status, created_at, whether the key was used before (replayed), and the event''s version and seats_available after it, both NULL when replayed. Values passed for these are ignored. Raises 25001 inside a transaction block. Errors: 22023 invalid-request, TK104 idempotency-key-reused, TK001 event-not-found, TK002 user-not-found, TK103 booking-closed, TK101 not-enough-seats; as book.';

CREATE OR REPLACE FUNCTION evently.cancel(booking_id bigint)
RETURNS evently.bookings
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_cancel';
COMMENT ON FUNCTION evently.cancel(bigint) IS
  'Cancels a booking, gives its seats back and returns it. A booking that is already cancelled is returned unchanged, so its seats are given back once (invariant I4). Errors: 22023 invalid-request, TK003 booking-not-found.';

CREATE OR REPLACE FUNCTION evently.cancel_outcome(
  booking_id bigint, OUT booking_id bigint, OUT event_id bigint, OUT status text,
  OUT changed boolean, OUT version bigint, OUT seats_available integer)
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_cancel_outcome';
COMMENT ON FUNCTION evently.cancel_outcome(bigint) IS
  'As cancel, and reports what it did: changed (false when it was cancelled before), and the event''s version and seats_available after it, both NULL when unchanged.';

CREATE OR REPLACE FUNCTION evently.set_capacity(event_id bigint, capacity integer)
RETURNS evently.events
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_set_capacity';
COMMENT ON FUNCTION evently.set_capacity(bigint, integer) IS
  'Sets an event''s capacity (0 to 1,000,000 seats) and returns the event. Errors: 22023 invalid-request, TK001 event-not-found, TK105 capacity-below-booked, whose detail names the shortfall.';

CREATE OR REPLACE FUNCTION evently.bookings_by_key(
  user_ids bigint[], idempotency_keys text[], OUT "position" integer, OUT booking_id bigint,
  OUT user_id bigint, OUT event_id bigint, OUT seats integer, OUT status text,
  OUT created_at timestamptz)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT asked.ordinality::integer, b.id, b.user_id, b.event_id, b.seats, b.status, b.created_at
  FROM ROWS FROM (unnest(user_ids), unnest(idempotency_keys)) WITH ORDINALITY
    AS asked (user_id, idempotency_key, ordinality)
  JOIN evently.bookings b
    ON b.user_id = asked.user_id AND b.idempotency_key = asked.idempotency_key COLLATE "C"
  ORDER BY asked.ordinality;
END;
COMMENT ON FUNCTION evently.bookings_by_key(bigint[], text[]) IS
  'The bookings behind pairs of user and idempotency key, with the pair''s position from 1; a pair without a booking gives no row. Takes no lock. The service calls it before it refuses by a token, so that a repeat is answered although the event is sold out.';

-- Internal functions of C++ that PL/pgSQL calls, so that each rule exists once.

CREATE OR REPLACE FUNCTION evently.lock_event(event_id bigint) RETURNS boolean
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'evently_lock_event';
COMMENT ON FUNCTION evently.lock_event(bigint) IS
  'Internal. Locks an event until the transaction ends: first its queue (an advisory lock of class 3), then its row. False when there is no such event.';

CREATE OR REPLACE FUNCTION evently.refuse(code text, detail text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_refuse';
COMMENT ON FUNCTION evently.refuse(text, text) IS
  'Internal. Raises the business error of that code, with its SQLSTATE, message and hint from the table in extension/rules/errors.h.';

CREATE OR REPLACE FUNCTION evently.inventory_changed(event_id bigint) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'evently_inventory_changed';
COMMENT ON FUNCTION evently.inventory_changed(bigint) IS
  'Internal. Tells the bridge, on commit, that the inventory of this event changed.';
