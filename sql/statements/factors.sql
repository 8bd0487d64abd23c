-- name: factor_rename none
-- $1 id, $2 now, $3 name
update mfa_factors set friendly_name = $3, updated_at = $2 where id = $1

-- name: factor_set_phone none
-- $1 id, $2 now, $3 phone
update mfa_factors set phone = $3, updated_at = $2 where id = $1

-- name: factor_delete none
-- $1 id
delete from mfa_factors where id = $1

-- name: factor_delete_unverified none
-- $1 id: not where somebody has verified it meanwhile
delete from mfa_factors where id = $1 and status <> 'verified'

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

-- name: factors_purge none
-- $1 age in seconds: nobody has asked for a challenge of them since (contract 08 section 5.1)
delete from mfa_factors f where f.status <> 'verified' and not exists (select from mfa_challenges c where c.factor_id = f.id)
	and f.created_at + make_interval(secs => $1::bigint) < current_timestamp

-- name: factor_insert none
-- $1 id, $2 user, $3 name, $4 type, $5 now, $6 secret, $7 phone
insert into mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret, phone)
values ($1, $2, $3, $4, 'unverified', $5, $5, $6, $7)

-- name: factor_lock one
-- $1 id: status and stored secret as they are now
select status, secret from mfa_factors where id = $1 for update

-- name: factor_verified none
-- $1 id, $2 now
update mfa_factors set status = 'verified', updated_at = $2 where id = $1

-- name: factor_set_secret none
-- $1 id, $2 now, $3 secret
update mfa_factors set secret = $3, updated_at = $2 where id = $1

-- name: factor_set_credential none
-- $1 id, $2 now, $3 credential, $4 AAGUID
update mfa_factors set web_authn_credential = $3, web_authn_aaguid = $4, updated_at = $2 where id = $1

-- name: factor_set_answer none
-- $1 id, $2 now, $3 the last answer to a challenge
update mfa_factors set last_webauthn_challenge_data = $3, updated_at = $2 where id = $1

-- name: factors_delete_unverified none
-- $1 user, $2 type
delete from mfa_factors where user_id = $1 and factor_type = $2 and status = 'unverified'

-- name: sessions_delete_low none
-- $1 user: those that no second factor has raised
delete from sessions where user_id = $1 and aal < 'aal2'

-- name: totp_step_accept one
-- $1 factor, $2 time step, $3 now: no row where this or a later one was accepted before
insert into latchkey.totp_steps as t (factor_id, step, accepted_at) values ($1, $2, $3)
on conflict (factor_id) do update set step = excluded.step, accepted_at = excluded.accepted_at where t.step < excluded.step
returning t.step

-- name: user_hold one
-- $1 user: others who count this user's factors or passkeys wait
select id from users where id = $1 for no key update

-- name: sessions_lock many
-- $1 user: in one order for all who lock several
select id from sessions where user_id = $1 order by id for update
