-- Checks that constraints and validating functions share. None depends on the locale, or a database could
-- refuse the dump of another.

CREATE OR REPLACE FUNCTION evently.is_label(label text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_is_label';
COMMENT ON FUNCTION evently.is_label(text) IS
  'True for a name or venue: 1 to 200 characters, no control characters, no white space and no format characters at an edge, and something to see.';

CREATE OR REPLACE FUNCTION evently.stored_email(email text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_stored_email';
COMMENT ON FUNCTION evently.stored_email(text) IS
  'Internal. An e-mail address in the form in which it is stored and compared: ASCII letters in lower case, the domain as its A-label (IDNA, UTS #46). NULL for what is no address: one @ with something on both sides, only characters that show, at most 254 of them (RFC 5321).';

CREATE OR REPLACE FUNCTION evently.is_email(email text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN email IS NOT NULL THEN coalesce(email COLLATE "C" = evently.stored_email(email), false) END;
COMMENT ON FUNCTION evently.is_email(text) IS
  'True for an e-mail address in the form in which it is stored: see stored_email.';

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
