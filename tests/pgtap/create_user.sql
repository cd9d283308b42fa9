\ir prelude.psql
SELECT plan(36);

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
          '22023 invalid request: The e-mail address must have the form name@domain, at most 254 bytes.',
          format('refused: %s', what))
FROM (VALUES (NULL, 'no address'), ('', 'an empty address'), ('   ', 'a blank address'),
             ('ann', 'an address without @'), ('@pgtap.example', 'nothing before the @'),
             ('ann@', 'nothing after the @'), ('a@n@pgtap.example', 'two @'),
             ('an n@pgtap.example', 'a blank in the name'),
               ('ann@pg tap.example', 'a blank in the domain'),
             (E'ann\t@pgtap.example', 'a tab'), (E'ann@pgtap.example\n', 'a line feed at the end'),
             (E'an\u0001n@pgtap.example', 'a control character'),
             (repeat('a', 255 - 14) || '@pgtap.example', 'an address of 255 bytes'),
             (repeat(chr(233), 121) || '@pgtap.example', '256 bytes in 135 characters')
     ) AS bad (address, what);
SELECT lives_ok(format('SELECT evently.create_user(%L)', address), format('accepted: %s', what))
FROM (VALUES ('a@b', 'the shortest address'),
             (repeat('a', 254 - 14) || '@pgtap.example', 'an address of 254 bytes'),
             (repeat(chr(233), 120) || '@pgtap.example', '254 bytes in 134 characters'),
             ('o''hara+tag@pgtap.example', 'quote and plus')) AS good (address, what);

-- Names.
SELECT is(pg_temp.refusal(format('SELECT evently.create_user(%L, %L)', 'f@pgtap.example', given)),
          '22023 invalid request: The name must have 1 to 200 bytes and no control characters.',
          format('refused: %s', what))
FROM (VALUES (repeat('n', 201), 'a name of 201 bytes'),
             (repeat(chr(233), 100) || 'n', '201 bytes in 101 characters'),
             (E'two\nlines', 'a line feed'), (E'\ttab', 'a tab'),
             (E'nel\u0085', 'a control character above 127')) AS bad (given, what);
SELECT lives_ok(format('SELECT evently.create_user(%L, %L)', 'f' || n || '@pgtap.example', given),
                format('accepted: %s', what))
FROM (VALUES (1, repeat('n', 200), 'a name of 200 bytes'),
             (2, repeat(chr(233), 100), '200 bytes in 100 characters'),
             (3, chr(128049) || ' <script>''"\', 'any other character')) AS good (n, given, what);

SELECT matches(pg_temp.refusal(format('SELECT evently.create_user(%L, %L)', 'ann@pgtap.example',
               E'\n')),
               '^22023 ', 'an invalid request comes before a taken address');
SELECT is((SELECT count(*) FROM evently.users WHERE email LIKE 'f%@pgtap.example'), 3::bigint,
          'what was refused made no user');

SELECT * FROM finish();
ROLLBACK;
