-- name: probe one
-- is the database there?
select 1

-- name: tables_there one
-- do accounts and sessions lie where they are looked for?
select to_regclass('users') is not null and to_regclass('sessions') is not null

-- name: max_connections one
-- how many connections the server takes
select current_setting('max_connections')::int4

-- name: table_access one
-- Are the tables found, and does the role see their rows? Row level security without policies shows none to others than the owner.
select
	to_regclass('users') is not null,
	coalesce((select pg_has_role(relowner, 'usage') from pg_class where oid = to_regclass('users')), false)
		or (select rolsuper or rolbypassrls from pg_roles where rolname = current_user),
	exists (select from pg_class where oid = to_regclass('webauthn_credentials')),
	current_user::text,
	current_setting('search_path')
