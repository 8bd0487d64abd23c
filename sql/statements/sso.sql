-- fragment: sso_provider_columns
-- The columns of a provider in the order of struct sso_provider's members; 13 of them.
p.id, p.resource_id, p.disabled, p.created_at, p.updated_at, s.id, s.entity_id, s.metadata_xml, s.metadata_url,
coalesce(s.attribute_mapping, '{}'), s.name_id_format, s.updated_at,
array(select d.domain from sso_domains d where d.sso_provider_id = p.id order by d.created_at, d.id)

-- fragment: sso_provider_tables
sso_providers p join saml_providers s on s.sso_provider_id = p.id

-- name: sso_provider_by_id one
-- $1 id
select {{sso_provider_columns}} from {{sso_provider_tables}} where p.id = $1

-- name: sso_provider_by_resource_id one
-- $1 resource id, to the byte though it is unique without regard to case
select {{sso_provider_columns}} from {{sso_provider_tables}} where p.resource_id = $1 limit 1

-- name: sso_provider_by_domain one
-- $1 domain, to the byte
select {{sso_provider_columns}} from {{sso_provider_tables}}
where p.id = (select d.sso_provider_id from sso_domains d where d.domain = $1 limit 1)

-- name: sso_provider_by_entity_id one
-- $1 entity id
select {{sso_provider_columns}} from {{sso_provider_tables}} where s.entity_id = $1

-- name: sso_provider_list many
-- $1 resource id or null, $2 its beginning, a LIKE pattern, or null
select {{sso_provider_columns}} from {{sso_provider_tables}}
where ($1::text is null or p.resource_id = $1) and ($2::text is null or p.resource_id like $2 || '%')
order by p.created_at, p.id

-- name: sso_resource_id_taken one
-- $1 resource id: a row where a provider has it, in whatever case
select p.id from sso_providers p where lower(p.resource_id) = lower($1) limit 1

-- name: sso_domain_owner one
-- $1 domain: whose it is, exactly, and whether it is in another case
select d.sso_provider_id, d.domain from sso_domains d where lower(d.domain) = lower($1) limit 1

-- name: sso_provider_insert none
-- $1 id, $2 resource id, $3 disabled, $4 now
insert into sso_providers (id, resource_id, disabled, created_at, updated_at) values ($1, $2, $3, $4, $4)

-- name: saml_provider_insert none
-- $1 id, $2 provider, $3 entity id, $4 metadata, $5 its address, $6 attribute mapping, $7 name id format, $8 now
insert into saml_providers (id, sso_provider_id, entity_id, metadata_xml, metadata_url, attribute_mapping, name_id_format, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8)

-- name: sso_domain_insert none
-- $1 id, $2 provider, $3 domain, $4 now
insert into sso_domains (id, sso_provider_id, domain, created_at, updated_at) values ($1, $2, $3, $4, $4)

-- name: sso_provider_update none
-- $1 id, $2 resource id, $3 disabled, $4 now
update sso_providers set resource_id = $2, disabled = $3, updated_at = $4 where id = $1

-- name: saml_provider_update none
-- $1 id of the row, $2 metadata, $3 its address, $4 attribute mapping, $5 name id format, $6 now
update saml_providers set metadata_xml = $2, metadata_url = $3, attribute_mapping = $4, name_id_format = $5, updated_at = $6 where id = $1

-- name: saml_provider_refresh none
-- $1 id of the row, $2 metadata, $3 now
update saml_providers set metadata_xml = $2, updated_at = $3 where id = $1

-- name: sso_domains_delete_but none
-- $1 provider, $2 the domains that stay
delete from sso_domains where sso_provider_id = $1 and domain <> all ($2::text[])

-- name: sso_provider_delete none
-- $1 id; what hangs on it goes with it
delete from sso_providers where id = $1
