-- Beside events and not in it: a booking writes the row of its event anew.
CREATE TABLE evently.event_keys (
  key_owner text COLLATE "C" NOT NULL
    CONSTRAINT event_keys_key_owner_check CHECK (octet_length(key_owner) BETWEEN 1 AND 255),
  idempotency_key text COLLATE "C" NOT NULL
    CONSTRAINT event_keys_idempotency_key_check CHECK (octet_length(idempotency_key) BETWEEN 1 AND 255),
  event_id bigint NOT NULL CONSTRAINT event_keys_event_id_fkey
    REFERENCES evently.events (id) ON DELETE CASCADE,
  request jsonb NOT NULL,
  CONSTRAINT event_keys_pkey PRIMARY KEY (key_owner, idempotency_key)
);
CREATE INDEX event_keys_event_id_idx ON evently.event_keys (event_id);
SELECT pg_catalog.pg_extension_config_dump('evently.event_keys', '');

COMMENT ON TABLE evently.event_keys IS 'Idempotency keys of create_event, one row per key.';
COMMENT ON COLUMN evently.event_keys.key_owner IS
  'Whose key it is: the role that called, or for the REST service a digest of the admin key.';
COMMENT ON COLUMN evently.event_keys.idempotency_key IS 'The key, 1 to 255 bytes.';
COMMENT ON COLUMN evently.event_keys.event_id IS 'The event that was created with it.';
COMMENT ON COLUMN evently.event_keys.request IS 'What was asked for: a repeat must ask for the same.';
