-- name: challenge_insert none
-- $1 id, $2 factor, $3 now, $4 address, $5 code, $6 WebAuthn session: after the factor's row is locked by challenge_mark_factor
insert into mfa_challenges (id, factor_id, created_at, ip_address, otp_code, web_authn_session_data) values ($1, $2, $3, $4, $5, $6)

-- name: challenge_mark_factor none
-- $1 factor, $2 now
update mfa_factors set last_challenged_at = $2, updated_at = $2 where id = $1

-- name: challenge_claim_factor one
-- $1 factor, $2 now, $3 latest earlier challenge that is long enough ago: no row where a message left since
update mfa_factors set last_challenged_at = $2 where id = $1 and (last_challenged_at is null or last_challenged_at < $3) returning id

-- name: challenge_unclaim_factor none
-- $1 factor, $2 what was claimed, $3 what was before
update mfa_factors set last_challenged_at = $3 where id = $1 and last_challenged_at = $2

-- name: challenge_by_id one
-- $1 id, $2 factor; the last column is the last time step whose code was accepted, where one was
select created_at, verified_at, host(ip_address), otp_code, web_authn_session_data,
	(select step from latchkey.totp_steps t where t.factor_id = $2)
from mfa_challenges where id = $1 and factor_id = $2

-- name: challenge_spend one
-- $1 id, $2 now: no row where it is spent
update mfa_challenges set verified_at = $2 where id = $1 and verified_at is null returning id

-- name: challenge_set_code none
-- $1 id, $2 stored code
update mfa_challenges set otp_code = $2 where id = $1

-- name: challenge_delete one
-- $1 id: no row where it is gone
delete from mfa_challenges where id = $1 returning id
