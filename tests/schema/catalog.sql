-- catalog.sql: what schema :ns holds, one line of columns for each object, in the form of tests/schema/expected/.
-- psql -v ns=auth -v out=FOLDER: writes the listings there.
\set ON_ERROR_STOP 1
set search_path = '';
\pset null '\\N'
\pset format unaligned
\pset fieldsep '\t'
\pset tuples_only on
\set file :out '/tables.tsv'
\o :file
select c.relname, c.relrowsecurity, c.relforcerowsecurity, (select count(*) from pg_policy p where p.polrelid = c.oid),
	(select coalesce(string_agg(a.privilege_type || case when a.is_grantable then '(grantable)' else '' end, ',' order by a.privilege_type), '')
		from aclexplode(c.relacl) a where a.grantee = to_regrole('postgres') and a.grantee <> c.relowner),
	obj_description(c.oid, 'pg_class')
from pg_class c where c.relnamespace = :'ns'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by c.relname collate "C";

\set file :out '/columns.tsv'
\o :file
select c.relname, row_number() over (partition by c.oid order by a.attnum), a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull,
	case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
	case when a.attgenerated = 's' then pg_get_expr(d.adbin, d.adrelid) end,
	(select collname from pg_collation l where l.oid = a.attcollation), col_description(c.oid, a.attnum)
from pg_class c
	join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
	left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = :'ns'::regnamespace and c.relkind in ('r', 'p')
order by c.relname collate "C", a.attnum;

\set file :out '/constraints.tsv'
\o :file
select c.relname, k.conname, case k.contype when 'p' then 'primary key' when 'f' then 'foreign key' when 'u' then 'unique' when 'c' then 'check' end,
	(select string_agg(a.attname, ',' order by u.place) from unnest(k.conkey) with ordinality u(num, place)
		join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num),
	(select relname from pg_class r where r.oid = k.confrelid),
	(select string_agg(a.attname, ',' order by u.place) from unnest(k.confkey) with ordinality u(num, place)
		join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.num),
	case k.confdeltype when 'a' then 'no action' when 'c' then 'cascade' when 'r' then 'restrict' when 'n' then 'set null' when 'd' then 'set default' end,
	case k.confupdtype when 'a' then 'no action' when 'c' then 'cascade' when 'r' then 'restrict' when 'n' then 'set null' when 'd' then 'set default' end,
	k.condeferrable, k.convalidated, pg_get_expr(k.conbin, k.conrelid)
from pg_constraint k join pg_class c on c.oid = k.conrelid
where c.relnamespace = :'ns'::regnamespace and k.contype in ('p', 'f', 'u', 'c')
order by c.relname collate "C", k.contype, k.conname collate "C";

\set file :out '/indexes.tsv'
\o :file
select t.relname, c.relname, i.indisunique, i.indisprimary, exists (select from pg_constraint k where k.conindid = c.oid and k.contype in ('p', 'u')),
	m.amname,
	(select string_agg(pg_get_indexdef(c.oid, n, true)
			|| case when o.opcdefault then '' else ' ' || o.opcname end
			|| case when i.indoption[n - 1] & 1 = 1 then ' DESC' else '' end, ', ' order by n)
		from generate_series(1, i.indnkeyatts::int) n join pg_opclass o on o.oid = i.indclass[n - 1]),
	pg_get_expr(i.indpred, i.indrelid), i.indisvalid, obj_description(c.oid, 'pg_class')
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid join pg_am m on m.oid = c.relam
where t.relnamespace = :'ns'::regnamespace and t.relkind in ('r', 'p')
order by t.relname collate "C", c.relname collate "C";

\set file :out '/enums.tsv'
\o :file
select t.typname, row_number() over (partition by t.oid order by e.enumsortorder), e.enumlabel
from pg_type t join pg_enum e on e.enumtypid = t.oid
where t.typnamespace = :'ns'::regnamespace order by t.typname collate "C", e.enumsortorder;

\set file :out '/functions.tsv'
\o :file
select p.proname, pg_get_function_arguments(p.oid), format_type(p.prorettype, null), l.lanname,
	case p.provolatile when 's' then 'stable' when 'i' then 'immutable' else 'volatile' end,
	case p.proparallel when 'u' then 'unsafe' when 's' then 'safe' else 'restricted' end,
	p.proisstrict, p.prosecdef, obj_description(p.oid, 'pg_proc')
from pg_proc p join pg_language l on l.oid = p.prolang
where p.pronamespace = :'ns'::regnamespace order by p.proname collate "C";

\set file :out '/sequences.tsv'
\o :file
select s.relname, format_type(q.seqtypid, null), q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcycle,
	(select d.refobjid::regclass || '.' || a.attname from pg_depend d
		join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
		where d.objid = s.oid and d.classid = 'pg_class'::regclass and d.deptype = 'a')
from pg_class s join pg_sequence q on q.seqrelid = s.oid
where s.relnamespace = :'ns'::regnamespace order by s.relname collate "C";

\set file :out '/migrations.tsv'
\o :file
select row_number() over (order by version collate "C"), version from :"ns".schema_migrations order by version collate "C";
