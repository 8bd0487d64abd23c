-- fragment: passkey_columns
-- passkey_from_row() reads them
p.id, p.user_id, p.credential_id, p.public_key, p.sign_count, p.backup_eligible, p.friendly_name, p.created_at, p.last_used_at

-- name: passkeys_of_user many
-- $1 user
select {{passkey_columns}} from webauthn_credentials p where p.user_id = $1 order by p.created_at, p.id

-- name: passkey_of_user one
-- $1 id, $2 user
select {{passkey_columns}} from webauthn_credentials p where p.id = $1 and p.user_id = $2

-- name: passkey_by_credential one
-- $1 credential id, $2 user; its row is locked
select {{passkey_columns}} from webauthn_credentials p where p.credential_id = $1 and p.user_id = $2 for update

-- name: passkeys_count one
-- $1 user
select count(*) from webauthn_credentials where user_id = $1

-- name: passkey_insert none
-- $1 id, $2 user, $3 credential id, $4 key, $5 attestation format, $6 AAGUID, $7 counter, $8 transports, $9 backup eligible, $10 backed up,
-- $11 name, $12 now
insert into webauthn_credentials (id, user_id, credential_id, public_key, attestation_type, aaguid, sign_count, transports, backup_eligible,
	backed_up, friendly_name, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)

-- name: passkey_used none
-- $1 id, $2 now, $3 counter
update webauthn_credentials set sign_count = $3, last_used_at = $2, updated_at = $2 where id = $1

-- name: passkey_rename none
-- $1 id, $2 now, $3 name
update webauthn_credentials set friendly_name = $3, updated_at = $2 where id = $1

-- name: passkey_delete none
-- $1 id
delete from webauthn_credentials where id = $1

-- name: webauthn_challenge_insert none
-- $1 id, $2 user, $3 type, $4 session, $5 now, $6 expiry
insert into webauthn_challenges (id, user_id, challenge_type, session_data, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)

-- name: webauthn_challenge_consume one
-- $1 id, $2 type, $3 user (NULL: of a sign-in): once only
delete from webauthn_challenges where id = $1 and challenge_type = $2 and user_id is not distinct from $3 returning session_data, expires_at
