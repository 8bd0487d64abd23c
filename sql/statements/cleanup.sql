-- One of these runs after a request that wrote (contract 03 section 13); each takes at most so many rows, and none that another holds.

-- name: cleanup_refresh_tokens none
with stale as (select id from refresh_tokens where revoked is true and updated_at < now() - interval '24 hours' limit 100 for update skip locked)
delete from refresh_tokens where id in (select id from stale)

-- name: cleanup_refresh_tokens_ended none
with stale as (
	select t.id from refresh_tokens t join sessions s on s.id = t.session_id
	where t.revoked is false and s.not_after < now() - interval '24 hours' limit 100 for update skip locked)
update refresh_tokens set revoked = true, updated_at = now() where id in (select id from stale)

-- name: cleanup_sessions_ended none
-- and some marks of sessions that are gone, from a place in the table that chance picks
with stale as (select id from sessions where not_after < now() - interval '72 hours' limit 10 for update skip locked),
picked as (
	select l.session_id from latchkey.session_levels l where l.session_id >= (select gen_random_uuid()) order by l.session_id limit 100),
unmarked as (
	delete from latchkey.session_levels where session_id in (
		select p.session_id from picked p where not exists (select from sessions s where s.id = p.session_id)))
delete from sessions where id in (select id from stale)

-- name: cleanup_relay_states none
with stale as (select id from saml_relay_states where created_at < now() - interval '24 hours' limit 100 for update skip locked)
delete from saml_relay_states where id in (select id from stale)

-- name: cleanup_flow_states none
with stale as (select id from flow_state where created_at < now() - interval '24 hours' limit 100 for update skip locked)
delete from flow_state where id in (select id from stale)

-- name: cleanup_client_states none
with stale as (select id from oauth_client_states where created_at < now() - interval '24 hours' limit 100 for update skip locked)
delete from oauth_client_states where id in (select id from stale)

-- name: cleanup_client_states_and_oauth none
-- and authorization requests that came to nothing, and marks of spent codes
with stale as (select id from oauth_client_states where created_at < now() - interval '24 hours' limit 100 for update skip locked),
unanswered as (select id from oauth_authorizations where expires_at < now() - interval '24 hours' limit 1000 for update skip locked),
dropped as (delete from oauth_authorizations where id in (select id from unanswered)),
old as (select digest from latchkey.spent_codes where spent_at < now() - interval '24 hours' limit 1000 for update skip locked),
unmarked as (delete from latchkey.spent_codes where digest in (select digest from old))
delete from oauth_client_states where id in (select id from stale)

-- name: cleanup_challenges none
with stale as (select id from mfa_challenges where created_at < now() - interval '24 hours' limit 100 for update skip locked)
delete from mfa_challenges where id in (select id from stale)

-- name: cleanup_factors none
-- and some marks of factors that are gone, from a place in the table that chance picks
with stale as (
	select id from mfa_factors where created_at < now() - interval '24 hours' and status = 'unverified' limit 100 for update skip locked),
picked as (
	select t.factor_id from latchkey.totp_steps t where t.factor_id >= (select gen_random_uuid()) order by t.factor_id limit 100),
unmarked as (
	delete from latchkey.totp_steps where factor_id in (
		select p.factor_id from picked p where not exists (select from mfa_factors f where f.id = p.factor_id)))
delete from mfa_factors where id in (select id from stale)

-- name: cleanup_webauthn_challenges none
with stale as (select id from webauthn_challenges where expires_at < now() limit 100 for update skip locked)
delete from webauthn_challenges where id in (select id from stale)

-- name: cleanup_anonymous_users none
with stale as (select id from users where created_at < now() - interval '30 days' and is_anonymous is true limit 100 for update skip locked)
delete from users where id in (select id from stale)

-- name: cleanup_sessions_timebox none
-- $1 seconds
with stale as (
	select id from sessions where created_at + make_interval(secs => $1::bigint) < now() - interval '24 hours' limit 100 for update skip locked)
delete from sessions where id in (select id from stale)

-- name: cleanup_sessions_inactive none
-- $1 seconds
with stale as (
	select id from sessions where refreshed_at is not null
		and (refreshed_at at time zone 'UTC') + make_interval(secs => $1::bigint) < now() - interval '24 hours' limit 100 for update skip locked)
delete from sessions where id in (select id from stale)

-- name: cleanup_sessions_never_refreshed none
-- $1 seconds
with stale as (
	select s.id from sessions s join refresh_tokens t on t.session_id = s.id
	where s.refreshed_at is null and t.revoked is false
		and t.updated_at + make_interval(secs => $1::bigint) < now() - interval '24 hours' limit 100 for update skip locked)
delete from sessions where id in (select id from stale)
