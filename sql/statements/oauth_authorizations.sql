-- fragment: oauth_authorization_columns
-- The columns of oauth_authorizations as a; 14 of them, authorization_from_row() reads them.
a.id, a.client_id, a.user_id, a.authorization_id, a.redirect_uri, a.scope, a.state, a.resource, a.nonce, a.authorization_code, a.code_challenge,
a.code_challenge_method, a.status, a.expires_at

-- name: oauth_authorization_insert none
-- $1 id, $2 authorization_id, $3 client, $4 redirect URI, $5 scope, $6 state, $7 resource, $8 challenge, $9 its method, $10 nonce, $11 now, $12 end
insert into oauth_authorizations (id, authorization_id, client_id, redirect_uri, scope, state, resource, code_challenge, code_challenge_method,
	nonce, response_type, status, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'code', 'pending', $11, $12)

-- name: oauth_authorization_lock one
-- $1 authorization_id: no row where there is none, or another request holds it
select {{oauth_authorization_columns}} from oauth_authorizations a where a.authorization_id = $1 for update skip locked

-- name: oauth_authorization_claim none
-- $1 id, $2 user
update oauth_authorizations set user_id = $2 where id = $1

-- name: oauth_authorization_approve none
-- $1 id, $2 now, $3 code
update oauth_authorizations set status = 'approved', approved_at = $2, authorization_code = $3 where id = $1

-- name: oauth_authorization_deny none
-- $1 id
update oauth_authorizations set status = 'denied' where id = $1

-- name: oauth_authorization_expire none
-- $1 id
update oauth_authorizations set status = 'expired' where id = $1

-- name: oauth_authorization_by_code one
-- $1 code; with the user, whose columns are NULL where there is none
select {{oauth_authorization_columns}}, {{user_columns}} from oauth_authorizations a left join users u on u.id = a.user_id and {{here}}
where a.authorization_code = $1 and a.status = 'approved'

-- name: oauth_code_spend one
-- $1 id, $2 code: no row where the code is spent, or another request is about to spend it
with held as (
	select a.id from oauth_authorizations a where a.id = $1 and a.authorization_code = $2 and a.status = 'approved' for update skip locked)
delete from oauth_authorizations d using held where d.id = held.id returning d.id

-- name: oauth_code_mark none
-- $1 digest of the code, $2 client, $3 session, $4 challenge, $5 its method, $6 now
insert into latchkey.spent_codes (digest, client_id, session_id, code_challenge, code_challenge_method, spent_at) values ($1, $2, $3, $4, $5, $6)

-- name: oauth_code_marked one
-- $1 digest of the code, $2 client
select session_id, code_challenge, code_challenge_method, spent_at from latchkey.spent_codes where digest = $1 and client_id = $2

-- name: oauth_consent_active one
-- $1 user, $2 client
select scopes from oauth_consents where user_id = $1 and client_id = $2 and revoked_at is null

-- name: oauth_consent_store none
-- $1 id of a new row, $2 user, $3 client, $4 scopes, $5 now
insert into oauth_consents (id, user_id, client_id, scopes, granted_at) values ($1, $2, $3, $4, $5)
on conflict on constraint oauth_consents_user_client_unique do update set scopes = excluded.scopes, granted_at = excluded.granted_at, revoked_at = null

-- name: oauth_consent_revoke one
-- $1 user, $2 client, $3 now; no row where there is no active one
update oauth_consents set revoked_at = greatest($3, granted_at) where user_id = $1 and client_id = $2 and revoked_at is null returning id

-- name: oauth_codes_drop none
-- $1 user, $2 client: codes that have not been exchanged
delete from oauth_authorizations where user_id = $1 and client_id = $2 and status = 'approved'

-- name: oauth_sessions_delete none
-- $1 user, $2 client
delete from sessions where user_id = $1 and oauth_client_id = $2

-- name: oauth_grants_of_user many
-- $1 user
select c.id, c.client_name, c.client_uri, c.logo_uri, o.scopes, o.granted_at
from oauth_consents o join oauth_clients c on c.id = o.client_id and c.deleted_at is null
where o.user_id = $1 and o.revoked_at is null order by o.granted_at desc
