-- fragment: identity_columns
-- The columns of identities as i in the order of struct identity's members; 9 of them.
i.id, i.user_id, i.provider_id, i.provider, i.identity_data, i.last_sign_in_at, i.created_at, i.updated_at, i.email

-- name: identity_by_provider one
-- $1 provider, $2 id at the provider
select {{identity_columns}} from identities i where i.provider_id = $2 and i.provider = $1

-- name: identity_insert none
-- $1 id, $2 user, $3 provider, $4 id at the provider, $5 data, $6 now
insert into identities (id, user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $6, $6)

-- name: identity_set_data none
-- $1 id, $2 data: updated_at stays (contract 03 section 6.2)
update identities set identity_data = $2 where id = $1

-- name: identity_rewrite none
-- $1 id, $2 data, $3 now
update identities set identity_data = $2, updated_at = $3 where id = $1

-- name: identity_delete none
-- $1 id
delete from identities where id = $1

-- name: identity_obfuscate none
-- $1 id, $2 hashed id at the provider, $3 now
update identities set identity_data = '{}', provider_id = $2, updated_at = $3 where id = $1
