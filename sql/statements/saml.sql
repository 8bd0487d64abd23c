-- name: saml_relay_state_insert none
-- $1 id, $2 provider, $3 id of the request, $4 where to go afterwards, never null, $5 flow state, $6 now
insert into saml_relay_states (id, sso_provider_id, request_id, for_email, redirect_to, flow_state_id, created_at, updated_at)
values ($1, $2, $3, null, $4, $5, $6, $6)

-- name: saml_relay_state_by_id one
-- $1 id: 6 columns; the code is null for the implicit flow
select r.sso_provider_id, r.request_id, coalesce(r.redirect_to, ''), r.created_at, f.id, case when f.code_challenge <> '' then f.auth_code end
from saml_relay_states r left join flow_state f on f.id = r.flow_state_id
where r.id = $1

-- name: saml_relay_state_take one
-- $1 id: a row only for the one that spends it
delete from saml_relay_states where id = $1 returning id

-- name: saml_flow_state_lock one
-- $1 id: whose it is by now; no row where another has it or it is gone
select f.user_id from flow_state f where f.id = $1 for update skip locked

-- name: saml_flow_state_set_user none
-- $1 id, $2 user, $3 now
update flow_state set user_id = $2, updated_at = $3 where id = $1

-- name: saml_assertion_spend one
-- $1 digest of issuer and ID, $2 when it is of no use any more, $3 now: a row only for the first that brings it. Some of no use are removed.
with old as (
	select digest from latchkey.spent_assertions where expires_at < $3 and digest <> $1 limit 100 for update skip locked
), removed as (
	delete from latchkey.spent_assertions where digest in (select digest from old)
)
insert into latchkey.spent_assertions as s (digest, expires_at) values ($1, $2)
on conflict (digest) do update set expires_at = excluded.expires_at where s.expires_at < $3
returning digest
