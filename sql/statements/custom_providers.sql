-- fragment: custom_provider_columns
-- The columns of custom_oauth_providers in the order of struct custom_provider's members; 24 of them.
id, provider_type, identifier, name, client_id, client_secret, acceptable_client_ids, scopes, pkce_enabled, attribute_mapping,
custom_claims_allowlist, authorization_params, enabled, email_optional, issuer, discovery_url, skip_nonce_check, cached_discovery,
authorization_url, token_url, userinfo_url, jwks_uri, created_at, updated_at

-- name: custom_provider_by_identifier one
-- $1 identifier
select {{custom_provider_columns}} from custom_oauth_providers where identifier = $1

-- name: custom_providers_list many
-- $1 type, or empty for all: newest first
select {{custom_provider_columns}} from custom_oauth_providers where $1::text = '' or provider_type = $1 order by created_at desc, id

-- name: custom_providers_count one
select count(*) from custom_oauth_providers

-- name: custom_provider_insert none
-- $1 to $24: the columns
insert into custom_oauth_providers ({{custom_provider_columns}}, discovery_cached_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
	case when $18::jsonb is not null then $24::timestamptz end)

-- name: custom_provider_update none
-- $1 to $24: the columns; id, type, identifier and created_at stay
update custom_oauth_providers set name = $4, client_id = $5, client_secret = $6, acceptable_client_ids = $7, scopes = $8, pkce_enabled = $9,
	attribute_mapping = $10, custom_claims_allowlist = $11, authorization_params = $12, enabled = $13, email_optional = $14, issuer = $15,
	discovery_url = $16, skip_nonce_check = $17,
	discovery_cached_at = case when cached_discovery is distinct from $18::jsonb then $24::timestamptz else discovery_cached_at end,
	cached_discovery = $18, authorization_url = $19, token_url = $20, userinfo_url = $21, jwks_uri = $22, updated_at = $24
where id = $1 and provider_type = $2::text and identifier = $3::text and created_at = $23::timestamptz

-- name: custom_provider_delete none
-- $1 id
delete from custom_oauth_providers where id = $1

-- Discovery documents and key sets of OpenID providers, for all workers (contract 07 section 7.2).

-- name: oidc_document_by_location one
-- $1 where the document is
select document, fetched_at, coalesce(keys, ''), keys_unknown_at from latchkey.oidc_documents where location = $1

-- name: oidc_document_store none
-- $1 location, $2 issuer, $3 document, $4 now: a new document's keys are not known yet
insert into latchkey.oidc_documents (location, issuer, document, fetched_at) values ($1, $2, $3, $4)
on conflict (location) do update set issuer = excluded.issuer, document = excluded.document, fetched_at = excluded.fetched_at,
	keys = null, keys_unknown_at = null

-- name: oidc_keys_store none
-- $1 location, $2 key set, $3 when a key id that nobody knew made it fetched again, or null
update latchkey.oidc_documents set keys = $2, keys_unknown_at = $3 where location = $1

-- name: oidc_keys_well none
-- $1 location: the unknown key id was a new key's, so the next one is looked up at once again
update latchkey.oidc_documents set keys_unknown_at = null where location = $1

-- name: oidc_document_forget none
-- $1 issuer, $2 its standard location, $3 another location; each may be null
delete from latchkey.oidc_documents where issuer = $1::text or location = $2::text or location = $3::text

-- name: wallet_message_spend one
-- $1 digest, $2 when it cannot be accepted any more, $3 now: no row where it was spent before
with gone as (
	delete from latchkey.spent_messages where digest in (
		select digest from latchkey.spent_messages where until < $3 limit 100 for update skip locked))
insert into latchkey.spent_messages (digest, until) values ($1, $2) on conflict (digest) do nothing returning true
