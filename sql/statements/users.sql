-- fragment: user_row
-- The columns of users as u in the order of struct user's members; 33 of them.
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
-- The predicate that every lookup of users has; written so that no index serves it: every row has this value.
u.instance_id is not distinct from '00000000-0000-0000-0000-000000000000'::uuid

-- fragment: here_by_email
-- The same where users_instance_id_email_idx is to be used.
u.instance_id = '00000000-0000-0000-0000-000000000000'

-- name: user_by_id one
-- $1 id
select {{user_columns}} from users u where {{here}} and u.id = $1

-- name: user_by_email one
-- $1 e-mail in lower case, $2 aud
select {{user_columns}} from users u where {{here_by_email}} and lower(u.email) = $1 and u.aud = $2 and u.is_sso_user = false limit 1

-- name: user_by_phone one
-- $1 phone, $2 aud
select {{user_columns}} from users u where {{here}} and u.phone = $1 and u.aud = $2 and u.is_sso_user = false limit 1

-- name: user_by_phone_change one
-- $1 pending phone, $2 aud
select {{user_columns}} from users u where {{here}} and u.phone_change = $1 and u.aud = $2 and u.is_sso_user = false limit 1

-- name: user_await none
-- $1 id: whoever comes second waits until the first has ended
select 1 from users u where u.id = $1 for no key update

-- name: user_email_taken one
-- $1 e-mail in lower case, $2 aud
select 1 from users u where {{here_by_email}} and lower(u.email) = $1 and u.aud = $2 and u.is_sso_user = false limit 1

-- name: user_phone_taken one
-- $1 phone, $2 aud
select 1 from users u where {{here}} and u.phone = $1 and u.aud = $2 and u.is_sso_user = false limit 1

-- name: user_duplicate_email one
-- $1 e-mail in lower case, $2 aud, $3 the user whose identities do not count (may be NULL), $4 providers outside the default linking domain:
-- the owner of an identity with this e-mail, else the user with this e-mail (contract 05 section 1.7)
select {{user_columns}} from users u where {{here}} and u.id = coalesce(
	(select o.id from identities i join users o on o.id = i.user_id
		where i.email = $1 and i.provider not like 'sso:%' and i.provider <> all ($4::text[]) and i.user_id is distinct from $3
		and o.aud = $2 and o.instance_id is not distinct from '00000000-0000-0000-0000-000000000000'::uuid
		order by o.created_at, o.id limit 1),
	(select b.id from users b
		where b.instance_id = '00000000-0000-0000-0000-000000000000' and lower(b.email) = $1 and b.aud = $2 and b.is_sso_user = false
		limit 1))

-- fragment: user_search
-- $2 is what is searched for; wildcards in it count (contract 05 section 10.1).
(u.email like '%' || $2::text || '%' or u.raw_user_meta_data ->> 'full_name' ilike '%' || $2::text || '%')

-- name: users_page_newest many
-- $1 aud, $2 limit, $3 offset
select {{user_row}} from users u where {{here}} and u.aud = $1 order by u.created_at desc limit $2 offset $3

-- name: users_page_oldest many
-- $1 aud, $2 limit, $3 offset
select {{user_row}} from users u where {{here}} and u.aud = $1 order by u.created_at limit $2 offset $3

-- name: users_count one
-- $1 aud
select count(*) from users u where {{here}} and u.aud = $1

-- name: users_search_newest many
-- $1 aud, $2 search, $3 limit, $4 offset
select {{user_row}} from users u where {{here}} and u.aud = $1 and {{user_search}} order by u.created_at desc limit $3 offset $4

-- name: users_search_oldest many
-- $1 aud, $2 search, $3 limit, $4 offset
select {{user_row}} from users u where {{here}} and u.aud = $1 and {{user_search}} order by u.created_at limit $3 offset $4

-- name: users_search_count one
-- $1 aud, $2 search
select count(*) from users u where {{here}} and u.aud = $1 and {{user_search}}

-- name: users_after_newest many
-- $1 aud, $2 search or empty, $3 limit, $4 created_at and $5 id of the cursor (NULL: from the start)
select {{user_row}} from users u where {{here}} and u.aud = $1 and ($2 = '' or {{user_search}})
	and ($4::timestamptz is null or (u.created_at, u.id) < ($4, $5::uuid))
order by u.created_at desc, u.id desc limit $3

-- name: users_after_oldest many
-- $1 aud, $2 search or empty, $3 limit, $4 created_at and $5 id of the cursor (NULL: from the start)
select {{user_row}} from users u where {{here}} and u.aud = $1 and ($2 = '' or {{user_search}})
	and ($4::timestamptz is null or (u.created_at, u.id) > ($4, $5::uuid))
order by u.created_at, u.id limit $3

-- name: user_insert none
-- $1 id, $2 now, $3 aud, $4 role, $5 e-mail, $6 phone, $7 encrypted password, $8 app metadata, $9 user metadata, $10 is_sso_user, $11 is_anonymous:
-- every column the service maps, so that catalog defaults never apply (contract 03 section 5.1)
insert into users (instance_id, id, aud, role, email, phone, encrypted_password, email_confirmed_at, invited_at, phone_confirmed_at,
	confirmation_sent_at, recovery_sent_at, email_change_sent_at, phone_change_sent_at, reauthentication_sent_at, last_sign_in_at, created_at,
	updated_at, banned_until, deleted_at, confirmation_token, recovery_token, email_change_token_new, email_change_token_current, email_change,
	phone_change, phone_change_token, reauthentication_token, email_change_confirm_status, raw_app_meta_data, raw_user_meta_data, is_sso_user,
	is_anonymous)
values ('00000000-0000-0000-0000-000000000000', $1, $3, $4, $5, $6, $7, null, null, null, null, null, null, null, null, null, $2, $2, null, null,
	'', '', '', '', '', '', '', '', 0, $8, $9, $10, $11)

-- name: user_set_role none
-- $1 id, $2 now, $3 role
update users set role = $3, updated_at = $2 where id = $1

-- name: user_set_app_metadata none
-- $1 id, $2 now, $3 app metadata
update users set raw_app_meta_data = $3, updated_at = $2 where id = $1

-- name: user_set_user_metadata none
-- $1 id, $2 now, $3 user metadata
update users set raw_user_meta_data = $3, updated_at = $2 where id = $1

-- fragment: forget_tokens
-- All one-time tokens of user $1.
gone as (delete from one_time_tokens where user_id = $1)

-- name: user_confirm_email none
-- $1 id, $2 now, $3 user metadata with email_verified
with {{forget_tokens}}
update users set confirmation_token = '', email_confirmed_at = $2, raw_user_meta_data = $3, updated_at = $2 where id = $1

-- name: user_confirm_phone none
-- $1 id, $2 now
with {{forget_tokens}}
update users set confirmation_token = '', phone_confirmed_at = $2, updated_at = $2 where id = $1

-- name: user_confirm_email_change none
-- $1 id, $2 now, $3 new e-mail, $4 status
with {{forget_tokens}}
update users set email = $3, email_change = '', email_change_token_new = '', email_change_token_current = '',
	email_change_confirm_status = $4::int4, updated_at = $2
where id = $1

-- name: user_confirm_half_email_change none
-- $1 id, $2 now, $3 token of the current address and $4 of the new one, of which one is used up
update users set email_change_confirm_status = 1, email_change_token_current = $3, email_change_token_new = $4, updated_at = $2 where id = $1

-- name: user_confirm_phone_change none
-- $1 id, $2 now, $3 new phone
with {{forget_tokens}}
update users set phone = $3, phone_change = '', phone_change_token = '', phone_confirmed_at = $2, updated_at = $2 where id = $1

-- name: user_confirm_reauthentication none
-- $1 id, $2 now
with {{forget_tokens}}
update users set reauthentication_token = '', updated_at = $2 where id = $1

-- name: user_consume_recovery none
-- $1 id, $2 now
with {{forget_tokens}}
update users set recovery_token = '', updated_at = $2 where id = $1

-- name: user_store_password none
-- $1 id, $2 now, $3 stored form of the hash (NULL: none), $4 the session that stays (NULL: none)
with {{forget_tokens}},
ended as (delete from sessions where user_id = $1 and id is distinct from $4)
update users set encrypted_password = $3, confirmation_token = '', confirmation_sent_at = null, recovery_token = '', recovery_sent_at = null,
	email_change_token_current = '', email_change_token_new = '', email_change_sent_at = null, phone_change_token = '',
	phone_change_sent_at = null, reauthentication_token = '', reauthentication_sent_at = null, updated_at = $2
where id = $1

-- name: user_set_password none
-- $1 id, $2 now, $3 stored form of the hash (NULL: none): nothing else changes
update users set encrypted_password = $3, updated_at = $2 where id = $1

-- name: user_ban none
-- $1 id, $2 now, $3 until (NULL: not banned)
update users set banned_until = $3, updated_at = $2 where id = $1

-- name: user_set_email none
-- $1 id, $2 now, $3 e-mail
update users set email = $3, updated_at = $2 where id = $1

-- name: user_set_phone none
-- $1 id, $2 now, $3 phone
update users set phone = $3, updated_at = $2 where id = $1

-- name: user_remove_phone none
-- $1 id, $2 now
update users set phone = null, phone_confirmed_at = null, updated_at = $2 where id = $1

-- name: user_unconfirm_email none
-- $1 id, $2 now, $3 user metadata with email_verified
update users set email_confirmed_at = null, raw_user_meta_data = $3, updated_at = $2 where id = $1

-- name: user_set_anonymous none
-- $1 id, $2 now, $3 is it
update users set is_anonymous = $3, updated_at = $2 where id = $1

-- name: user_clear_pending none
-- $1 id, $2 now
with {{forget_tokens}}
update users set confirmation_token = '', confirmation_sent_at = null, recovery_token = '', recovery_sent_at = null, email_change = '',
	email_change_token_current = '', email_change_token_new = '', email_change_sent_at = null, email_change_confirm_status = 0, phone_change = '',
	phone_change_token = '', phone_change_sent_at = null, reauthentication_token = '', reauthentication_sent_at = null, updated_at = $2
where id = $1

-- name: user_delete none
-- $1 id
delete from users where id = $1

-- name: user_soft_delete none
-- $1 id, $2 now, $3 e-mail, $4 phone, $5 e-mail change, $6 phone change, all hashed (contract 05 section 10.5)
with {{forget_tokens}}
update users set email = $3, phone = $4, email_change = $5, phone_change = $6, encrypted_password = null, confirmation_token = '',
	recovery_token = '', email_change_token_current = '', email_change_token_new = '', phone_change_token = '', raw_app_meta_data = '{}',
	raw_user_meta_data = '{}', deleted_at = $2, updated_at = $2
where id = $1
