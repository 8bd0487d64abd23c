-- What must be there before the first `latchkey migrate` (contract 03 section 2.3): roles, the schema, who owns it.
-- Run as superuser in the new database; running it again does no harm.
do $$ begin
	if to_regrole('postgres') is null then create role postgres; end if;
	if to_regrole('supabase_auth_admin') is null then create role supabase_auth_admin login noinherit createrole noreplication; end if;
	if to_regrole('supabase_admin') is null then create role supabase_admin login createrole createdb replication bypassrls; end if;
	-- whom an application's row-level security policies speak of
	if to_regrole('anon') is null then create role anon nologin noinherit; end if;
	if to_regrole('authenticated') is null then create role authenticated nologin noinherit; end if;
	if to_regrole('service_role') is null then create role service_role nologin noinherit bypassrls; end if;
	execute format('grant create on database %I to supabase_auth_admin', current_database());
	execute format('alter database %I set search_path = auth', current_database());
end $$;
create schema if not exists auth authorization supabase_auth_admin;
grant usage on schema auth to anon, authenticated, service_role;
