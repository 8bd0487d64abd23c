-- name: factor_rename none
-- $1 id, $2 now, $3 name
update mfa_factors set friendly_name = $3, updated_at = $2 where id = $1

-- name: factor_set_phone none
-- $1 id, $2 now, $3 phone
update mfa_factors set phone = $3, updated_at = $2 where id = $1

-- name: factor_delete none
-- $1 id
delete from mfa_factors where id = $1

-- name: sessions_lose_factor none
-- $1 user, $2 factor, $3 its AMR method: the sessions that it raised are at the first level again (contract 03 section 6.5)
with lost as (delete from mfa_amr_claims where authentication_method = $3
	and session_id in (select id from sessions where user_id = $1 and factor_id = $2))
update sessions set aal = 'aal1', factor_id = null where user_id = $1 and factor_id = $2

-- name: factors_delete_all none
-- $1 user
delete from mfa_factors where user_id = $1

-- name: webauthn_credentials_delete_all none
-- $1 user
delete from webauthn_credentials where user_id = $1

-- name: sessions_delete_all none
-- $1 user
delete from sessions where user_id = $1
