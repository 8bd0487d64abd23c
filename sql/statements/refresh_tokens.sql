-- fragment: nobody
'00000000-0000-0000-0000-000000000000'::uuid

-- fragment: refresh_token_columns
-- A version 1 token t: 5 columns.
t.id, t.token, t.created_at, t.updated_at, t.revoked

-- name: refresh_v1_find one
-- $1 token: with its user, and its session (NULL where there is none)
select {{refresh_token_columns}}, {{user_columns}}, {{session_columns}}
from refresh_tokens t join users u on u.id = t.user_id::uuid left join sessions s on s.id = t.session_id
where t.token = $1 and t.instance_id is not distinct from {{nobody}} and {{here}} limit 1

-- name: refresh_v1_lock one
-- $1 token: the same, token and session locked; no row where another holds either
select {{refresh_token_columns}}, {{user_columns}}, {{session_columns}}
from refresh_tokens t join users u on u.id = t.user_id::uuid join sessions s on s.id = t.session_id
where t.token = $1 and t.instance_id is not distinct from {{nobody}} and {{here}} limit 1 for update of t, s skip locked

-- name: refresh_v1_active one
-- $1 session: its newest token that is not revoked
select t.id, t.token, t.parent from refresh_tokens t where t.session_id = $1 and t.revoked = false order by t.id desc limit 1

-- name: refresh_v1_oldest one
-- $1 session: its oldest token that is not revoked
select {{refresh_token_columns}} from refresh_tokens t
where t.session_id = $1 and t.instance_id is not distinct from {{nobody}} and t.revoked = false order by t.created_at limit 1

-- name: refresh_v1_insert none
-- $1 token, $2 user, $3 the token it replaces or NULL, $4 session, $5 now, $6 revoked
insert into refresh_tokens (instance_id, token, user_id, parent, revoked, session_id, created_at, updated_at)
values ({{nobody}}, $1, $2::uuid::text, $3, $6, $4, $5, $5)

-- name: refresh_v1_revoke none
-- $1 id, $2 now
update refresh_tokens set revoked = true, updated_at = $2 where id = $1

-- name: refresh_v1_revoke_family none
-- $1 session; the database's clock (contract 04 section 13)
update refresh_tokens set revoked = true, updated_at = now() where session_id = $1 and revoked = false

-- name: refresh_v1_delete none
-- $1 id
delete from refresh_tokens where id = $1

-- name: user_touch none
-- $1 user, $2 now: last_sign_in_at is written as it is (contract 04 section 8.4)
update users set last_sign_in_at = last_sign_in_at, updated_at = $2 where id = $1

-- name: refresh_v2_find one
-- $1 session: with its user
select {{user_columns}}, {{session_columns}} from sessions s join users u on u.id = s.user_id
where s.id = $1 and s.refresh_token_hmac_key is not null and s.refresh_token_counter is not null and {{here}}

-- name: refresh_v2_lock one
-- $1 session: the same, the session locked; no row where another holds it
select {{user_columns}}, {{session_columns}} from sessions s join users u on u.id = s.user_id
where s.id = $1 and s.refresh_token_hmac_key is not null and s.refresh_token_counter is not null and {{here}} for update of s skip locked

-- fragment: actor_name
-- What an audit entry calls user u.
coalesce(nullif(u.phone, ''), u.email, '')

-- name: refresh_token_rotate one
-- The plain case of a version 1 refresh in one statement (contract 04 sections 8.3 and 8.4): $1 token, $2 its successor, $3 start of the request,
-- $4 now, $5 user agent, $6 address; limits, each NULL where it is not set: $7 oldest creation, $8 oldest last refresh, $9 oldest creation
-- below aal2; $10, $11 ids of the audit entries (NULL: none); $12 the OAuth client that asks (nil: none); $13 the session is marked as
-- refreshed, too. Nothing is written and no row comes where anything is not plain: token revoked,
-- locked or unknown, session or user not fit, not known to be of the session's level, names that JSON would escape. The general way then says why.
with held as (
	select s.*, t.id as token_id, t.token, '","actor_id":"' || u.id
		|| coalesce('","actor_name":"' || (u.raw_user_meta_data ->> 'full_name'), '') || '","actor_username":"' || {{actor_name}}
		|| '","actor_via_sso":' || u.is_sso_user || ',"log_type":"token"}' as actor
	from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = s.user_id
	where t.token = $1 and not t.revoked and t.instance_id is not distinct from {{nobody}} and t.user_id = u.id::text and {{here}}
		and coalesce(s.oauth_client_id, {{nobody}}) = $12 and (s.not_after is null or s.not_after >= $3)
		and ($7::timestamptz is null or s.created_at >= $7)
		and ($8::timestamptz is null or coalesce(s.refreshed_at at time zone 'UTC', greatest(t.updated_at, s.created_at)) >= $8)
		and ($9::timestamptz is null or s.created_at >= $9 or s.aal >= 'aal2')
		and (s.aal is null or s.aal < 'aal2'
			or exists (select from latchkey.session_levels l where l.session_id = s.id and l.token_id <= t.id))
		and (u.banned_until is null or u.banned_until <= $3)
		and coalesce(jsonb_typeof(u.raw_user_meta_data -> 'full_name'), 'string') = 'string'
		and {{actor_name}} || coalesce(u.raw_user_meta_data ->> 'full_name', '') !~ '[\u0001-\u001f"\\<>&\u2028\u2029]'
	for update of t, s skip locked),
revoked as (
	update refresh_tokens t set revoked = true, updated_at = $4 from held where t.id = held.token_id),
issued as (
	insert into refresh_tokens (instance_id, token, user_id, parent, revoked, session_id, created_at, updated_at)
	select {{nobody}}, $2::text, user_id::text, token, false, id, $4, $4 from held),
audited as (
	insert into audit_log_entries (instance_id, id, payload, created_at, ip_address)
	select {{nobody}}, e.id, (e.action || held.actor)::json, $4, ''
	from held, (values ($10::uuid, '{"action":"token_refreshed'), ($11::uuid, '{"action":"token_revoked')) as e (id, action)
	where e.id is not null),
refreshed as (
	update sessions s set refreshed_at = $4::timestamptz at time zone 'UTC', user_agent = $5, ip = $6, updated_at = $4
	from held where s.id = held.id and $13)
update users u set last_sign_in_at = u.last_sign_in_at, updated_at = $4 from held s where u.id = s.user_id
returning {{user_columns}}, {{session_columns}}
