-- The ceiling of a token refresh: what one asks of PostgreSQL at the very least, in one transaction and one round trip, without any server
-- in between. Reads and writes the rows that a refresh must (contract 04 section 8.4), for one of at most 64 live sessions.
--   psql DATABASE -f ceiling.sql
--   echo 'select public.ceiling_refresh(:client_id);' | pgbench -n -M prepared -c 32 -j 1 -T 10 -f - DATABASE
drop table if exists public.ceiling_session;
create table public.ceiling_session as
	select (row_number() over (order by s.id) - 1)::bigint as client, s.id as session_id, s.user_id from auth.sessions s
	where exists (select from auth.refresh_tokens t where t.session_id = s.id and not t.revoked)
	limit 64;
create unique index on public.ceiling_session (client);
analyze public.ceiling_session;

create or replace function public.ceiling_refresh(wanted bigint) returns text language plpgsql as $$
declare
	mine public.ceiling_session;
	presented auth.refresh_tokens;
	person auth.users;
	successor text := substr(md5(random()::text || clock_timestamp()::text), 1, 12);
begin
	select * into strict mine from public.ceiling_session where client = wanted;
	select * into strict presented from auth.refresh_tokens where session_id = mine.session_id and not revoked order by id desc limit 1 for update;
	perform from auth.sessions where id = mine.session_id for update;
	select * into strict person from auth.users where id = mine.user_id;
	perform from auth.identities where user_id = mine.user_id;
	perform from auth.mfa_factors where user_id = mine.user_id;
	perform from auth.mfa_amr_claims where session_id = mine.session_id;
	insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
		select presented.instance_id, gen_random_uuid(), json_build_object('action', act, 'actor_id', person.id, 'actor_username', person.email,
			'actor_via_sso', false, 'log_type', 'token'), now(), ''
		from unnest('{token_refreshed,token_revoked}'::text[]) act;
	update auth.refresh_tokens set revoked = true, updated_at = now() where id = presented.id;
	insert into auth.refresh_tokens (instance_id, token, user_id, parent, revoked, session_id, created_at, updated_at)
		values (presented.instance_id, successor, presented.user_id, presented.token, false, mine.session_id, now(), now());
	update auth.users set last_sign_in_at = last_sign_in_at, updated_at = now() where id = mine.user_id;
	update auth.sessions set refreshed_at = now(), updated_at = now(), user_agent = 'bench', ip = '127.0.0.1' where id = mine.session_id;
	return successor;
end $$;
