-- fragment: user_row
-- The columns of users as u in the order of struct user's members; user_row_read() reads these 33.
u.id, u.aud, u.role, u.email, u.phone, u.encrypted_password,
u.email_confirmed_at, u.invited_at, u.phone_confirmed_at, u.confirmation_sent_at, u.confirmed_at, u.recovery_sent_at,
u.email_change_sent_at, u.phone_change_sent_at, u.reauthentication_sent_at, u.last_sign_in_at, u.created_at, u.updated_at, u.banned_until, u.deleted_at,
u.confirmation_token, u.recovery_token, u.email_change_token_new, u.email_change_token_current, u.email_change, u.phone_change, u.phone_change_token,
u.reauthentication_token, u.email_change_confirm_status, u.raw_app_meta_data, u.raw_user_meta_data, u.is_sso_user, u.is_anonymous

-- fragment: user_columns
-- A user with all that hangs on it: 35 columns, the last two JSON arrays of arrays (NULL: none); user_from_row() reads them.
{{user_row}},
(select json_agg(json_build_array(i.id, i.provider_id, i.provider, i.identity_data, i.last_sign_in_at, i.created_at, i.updated_at, i.email)
	order by i.created_at, i.id) from identities i where i.user_id = u.id),
(select json_agg(json_build_array(f.id, f.friendly_name, f.factor_type, f.status, f.phone, f.secret, f.created_at, f.updated_at, f.last_challenged_at,
	f.web_authn_aaguid, f.web_authn_credential, f.last_webauthn_challenge_data)
	order by f.created_at, f.id) from mfa_factors f where f.user_id = u.id)

-- fragment: here
-- The predicate that every lookup of users has.
u.instance_id = '00000000-0000-0000-0000-000000000000'

-- name: user_by_id one
-- $1 id
select {{user_columns}} from users u where {{here}} and u.id = $1

-- name: user_by_email one
-- $1 e-mail in lower case, $2 aud
select {{user_columns}} from users u where {{here}} and lower(u.email) = $1 and u.aud = $2 and u.is_sso_user = false limit 1

-- name: user_by_phone one
-- $1 phone, $2 aud
select {{user_columns}} from users u where {{here}} and u.phone = $1 and u.aud = $2 and u.is_sso_user = false limit 1

-- name: user_duplicate_phone one
-- $1 phone, $2 aud
select 1 from users u where {{here}} and u.phone = $1 and u.aud = $2 and u.is_sso_user = false limit 1

-- name: user_duplicate_email one
-- $1 e-mail in lower case, $2 aud, $3 the user who does not count (may be NULL), $4 providers outside the default linking domain:
-- the owner of an identity with this e-mail, else the user with this e-mail, who is not excepted (contract 05 section 1.7)
select {{user_columns}} from users u where {{here}} and u.id = coalesce(
	(select o.id from identities i join users o on o.id = i.user_id
		where i.email = $1 and i.provider not like 'sso:%' and i.provider <> all ($4::text[]) and i.user_id is distinct from $3
		and o.aud = $2 and o.instance_id = '00000000-0000-0000-0000-000000000000'
		order by o.created_at, o.id limit 1),
	(select b.id from users b
		where b.instance_id = '00000000-0000-0000-0000-000000000000' and lower(b.email) = $1 and b.aud = $2 and b.is_sso_user = false
		limit 1))
