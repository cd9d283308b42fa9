-- Checks that constraints and validating functions share.
-- COLLATE "C": blanks and capitals must not depend on the locale, or a database could refuse the dump of
-- another.

CREATE OR REPLACE FUNCTION evently.is_label(label text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN octet_length(label) BETWEEN 1 AND 200 AND label = btrim(label)
  AND label COLLATE "C" !~ '[[:cntrl:]]';
COMMENT ON FUNCTION evently.is_label(text) IS
  'True for a name or venue: 1 to 200 bytes, trimmed, without control characters.';

CREATE OR REPLACE FUNCTION evently.is_email(email text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN octet_length(email) <= 254 AND email = lower(email COLLATE "C")
  AND email COLLATE "C" ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$';
COMMENT ON FUNCTION evently.is_email(text) IS
  'True for an e-mail address as stored: one @ with something on both sides, no blanks, lower case, at most 254 bytes (RFC 5321).';

CREATE OR REPLACE FUNCTION evently.is_start(start_at timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN start_at >= '1970-01-01 00:00:00+00' AND start_at < '10000-01-01 00:00:00+00';
COMMENT ON FUNCTION evently.is_start(timestamptz) IS
  'True for a start that RFC 3339 can write: from 1970 on, before the year 10000, finite.';

CREATE OR REPLACE FUNCTION evently.is_live(status text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN status = 'CONFIRMED';
COMMENT ON FUNCTION evently.is_live(text) IS
  'True for a booking status that occupies seats. The only place in SQL that decides this (invariant I1).';
