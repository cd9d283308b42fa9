-- Everything of the extension that the catalog holds, in words, so that two databases can be compared.
\pset format unaligned
\pset tuples_only on
SET search_path = pg_catalog;
SELECT 'extension', extversion, extrelocatable, extnamespace::regnamespace,
       (SELECT array_agg(c::regclass ORDER BY c::regclass::text) FROM unnest(extconfig) c), extcondition
FROM pg_extension WHERE extname = 'evently';
SELECT 'member', pg_describe_object(classid, objid, 0) FROM pg_depend
WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'evently') ORDER BY 2;
SELECT 'schema', nspname, nspowner::regrole, a.acl, obj_description(oid, 'pg_namespace')
FROM pg_namespace n, LATERAL (SELECT array_agg(i ORDER BY i::text) FROM unnest(n.nspacl) i) a (acl) WHERE nspname = 'evently';
SELECT 'first privileges', (SELECT array_agg(i ORDER BY i::text) FROM unnest(initprivs) i) FROM pg_init_privs
WHERE classoid = 'pg_namespace'::regclass AND objoid = 'evently'::regnamespace;
SELECT 'function', p.oid::regprocedure, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), l.lanname,
       p.prokind, p.provolatile, p.proparallel, p.proisstrict, p.prosecdef, p.procost, p.prorows,
       p.proconfig, p.proowner::regrole, p.proacl, p.prosrc, p.probin, pg_get_function_sqlbody(p.oid),
       obj_description(p.oid, 'pg_proc')
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace = 'evently'::regnamespace ORDER BY p.oid::regprocedure::text;
SELECT 'relation', c.relname, c.relkind, c.relowner::regrole, c.relacl, c.reloptions, c.relpersistence,
       c.relrowsecurity, CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) WHEN c.relkind = 'i' THEN pg_get_indexdef(c.oid) END,
       obj_description(c.oid, 'pg_class')
FROM pg_class c WHERE c.relnamespace = 'evently'::regnamespace ORDER BY c.relname;
SELECT 'column', a.attrelid::regclass, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.attidentity, a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid), a.attacl,
       col_description(a.attrelid, a.attnum)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'evently'::regnamespace AND a.attnum > 0 ORDER BY c.relname, a.attnum;
SELECT 'constraint', conname, conrelid::regclass, contypid::regtype, pg_get_constraintdef(oid), convalidated
FROM pg_constraint WHERE connamespace = 'evently'::regnamespace ORDER BY conname, conrelid::regclass::text;
SELECT 'trigger', pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger')
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'evently'::regnamespace AND NOT t.tgisinternal ORDER BY t.tgname;
SELECT 'type', typname, typtype, typowner::regrole, typacl, format_type(typbasetype, typtypmod), typnotnull,
       obj_description(oid, 'pg_type')
FROM pg_type WHERE typnamespace = 'evently'::regnamespace AND typtype = 'd' ORDER BY typname;
SELECT 'event trigger', evtname, evtevent, evtfoid::regproc, evtenabled, evttags, obj_description(oid, 'pg_event_trigger')
FROM pg_event_trigger WHERE evtname LIKE 'evently%' ORDER BY evtname;
SELECT 'sequence', seqrelid::regclass, seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle
FROM pg_sequence WHERE seqrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'evently'::regnamespace)
ORDER BY seqrelid::regclass::text;
