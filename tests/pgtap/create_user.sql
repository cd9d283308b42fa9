\ir prelude.psql
SELECT plan(56);

SELECT evently.create_user('carol@pgtap.example', 'Carol') AS returned \gset
SELECT is(:'returned', (SELECT u::text FROM evently.users u WHERE email = 'carol@pgtap.example'),
          'create_user returns the row as it stands in the table');
SELECT ok(id > 0 AND name = 'Carol' AND created_at >= now(),
          'the user has a number from the sequence, a name and the time')
FROM evently.users WHERE email = 'carol@pgtap.example';
SELECT results_eq(
  $$SELECT email, name FROM evently.create_user(email => '  DAVE.Smith@PGTAP.example ',
    name => '  Dave Smith ')$$,
  $$VALUES ('dave.smith@pgtap.example', 'Dave Smith')$$,
  'the address is trimmed and put in lower case, the name is trimmed');
SELECT is((SELECT name FROM evently.create_user('e1@pgtap.example')), NULL,
          'the name may be left out');
SELECT is((SELECT name FROM evently.create_user('e2@pgtap.example', '   ')), NULL,
          'a blank name is no name');

SELECT is(pg_temp.refusal($$SELECT evently.create_user('ann@pgtap.example')$$),
          'TK102 e-mail address is taken', 'an address is given once');
SELECT is(pg_temp.refusal($$SELECT evently.create_user(' Ann@PGTAP.Example')$$),
          'TK102 e-mail address is taken',
            '... in whatever case and with whatever blanks around it');
SELECT is((SELECT name FROM evently.users WHERE id = -1), 'Ann', '... and its user is left alone');

-- Addresses.
SELECT is(pg_temp.refusal(format('SELECT evently.create_user(%L)', address)),
          '22023 invalid request: The e-mail address must have the form name@domain, at most 254 characters, all of which show.',
          format('refused: %s', what))
FROM (VALUES (NULL, 'no address'), ('', 'an empty address'), ('   ', 'a blank address'),
             ('ann', 'an address without @'), ('@pgtap.example', 'nothing before the @'),
             ('ann@', 'nothing after the @'), ('a@n@pgtap.example', 'two @'),
             ('an n@pgtap.example', 'a blank in the name'),
               ('ann@pg tap.example', 'a blank in the domain'),
             (E'ann\t@pgtap.example', 'a tab'), (E'ann@pgtap.example\n', 'a line feed at the end'),
             (E'an\u0001n@pgtap.example', 'a control character'),
             (repeat(chr(233), 255 - 14) || '@pgtap.example', 'an address of 255 characters'),
             (E'\u200bann@pgtap.example', 'a format character at the edge'),
             (E'ann@pgtap.example\u00a0', 'a no-break space at the edge'),
             (E'an\u3000n@pgtap.example', 'white space of another script'),
             ('ann@pgtap..example', 'an empty label'), ('ann@-☃-.example', 'no domain of IDNA')
     ) AS bad (address, what);
SELECT lives_ok(format('SELECT evently.create_user(%L)', address), format('accepted: %s', what))
FROM (VALUES ('a@b', 'the shortest address'),
             (repeat(chr(233), 254 - 14) || '@pgtap.example', 'an address of 254 characters'),
             ('o''hara+tag@pgtap.example', 'quote and plus')) AS good (address, what);

-- One address, one person.
SELECT is((evently.create_user(given)).email, stored, 'one spelling: ' || given)
FROM (VALUES ('zoë@BÜCHER.pgtap.example', 'zoë@xn--bcher-kva.pgtap.example'),
             ('one@straße.pgtap.example', 'one@xn--strae-oqa.pgtap.example')) AS good (given, stored);
SELECT is(pg_temp.refusal(format('SELECT evently.create_user(%L)', again)),
          'TK102 e-mail address is taken', 'taken: ' || again)
FROM (VALUES ('zoë@xn--bcher-kva.PGTAP.example'), (E'zoë@bu\u0308cher.pgtap.example'),
             (E'one@straße\u3002pgtap.example')) AS bad (again);
SELECT is(evently.is_email('ann@bücher.example'), false, 'a table holds no other spelling');

-- Names.
SELECT is(pg_temp.refusal(format('SELECT evently.create_user(%L, %L)', 'f@pgtap.example', given)),
          '22023 invalid request: The name must have 1 to 200 characters, no control characters, and no white space or format characters at an edge.',
          format('refused: %s', what))
FROM (VALUES (repeat(chr(2325), 201), 'a name of 201 characters'),
             (E'\u200bAnn', 'a format character before it'), (E'Ann\u00a0', 'white space behind it'),
             (E'\u200b\u2060', 'nothing to see'), (E'\u3164', 'a filler'),
             (E'two\nlines', 'a line feed'), (E'\ttab', 'a tab'),
             (E'nel\u0085', 'a control character above 127')) AS bad (given, what);
SELECT lives_ok(format('SELECT evently.create_user(%L, %L)', 'f' || n || '@pgtap.example', given),
                format('accepted: %s', what))
FROM (VALUES (1, repeat('n', 200), 'a name of 200 letters'),
             (2, repeat(chr(2325), 200), 'of 200 Devanagari letters'),
             (3, chr(128049) || ' <script>''"\', 'any other character')) AS good (n, given, what);

SELECT matches(pg_temp.refusal(format('SELECT evently.create_user(%L, %L)', 'ann@pgtap.example',
               E'\n')),
               '^22023 ', 'an invalid request comes before a taken address');
SELECT is((SELECT count(*) FROM evently.users WHERE email LIKE 'f%@pgtap.example'), 3::bigint,
          'what was refused made no user');

-- Idempotency keys.
SELECT evently.create_user('key@pgtap.example', 'Key', 'k1') AS returned \gset
SELECT is(evently.create_user('Key@PGTAP.example', ' Key ', 'k1')::text, :'returned',
          'the same key, address and name: the user who is there');
SELECT is((once.created).id, (SELECT id FROM evently.users WHERE email = 'key@pgtap.example'),
          '... which create_user_once says') FROM evently.create_user_once('key@pgtap.example', 'Key', 'k1') once;
SELECT is(array_agg(once.replayed), ARRAY[true], '... and that it is a repeat')
FROM evently.create_user_once('key@pgtap.example', 'Key', 'k1') once;
SELECT is(pg_temp.refusal($$SELECT evently.create_user('key@pgtap.example', 'Other', 'k1')$$),
          'TK104 idempotency key was used for another request', 'another name with the key');
SELECT is(pg_temp.refusal($$SELECT evently.create_user('key@pgtap.example', 'Key', 'k2')$$),
          'TK102 e-mail address is taken', 'another key for the address');
SELECT lives_ok($$SELECT evently.create_user('key2@pgtap.example', 'Key', 'k1')$$,
                'another address with the key is another request');
SELECT is(pg_temp.refusal(format('SELECT evently.create_user(%L, NULL, %L)', 'key3@pgtap.example', key)),
          '22023 invalid request: The idempotency_key must have 1 to 255 bytes.', 'a key without length, or too long')
FROM (VALUES (''), (repeat('k', 256))) AS bad (key);

SELECT * FROM finish();
ROLLBACK;
