-- fragment: oauth_client_columns
-- The columns of oauth_clients as c; 12 of them, client_from_row() reads them.
c.id, c.client_type, c.token_endpoint_auth_method, c.registration_type, c.client_secret_hash, c.client_name, c.client_uri, c.logo_uri,
c.redirect_uris, c.grant_types, c.created_at, c.updated_at

-- name: oauth_client_by_id one
-- $1 id
select {{oauth_client_columns}} from oauth_clients c where c.id = $1 and c.deleted_at is null

-- name: oauth_clients_all many
select {{oauth_client_columns}} from oauth_clients c where c.deleted_at is null order by c.created_at desc, c.id

-- name: oauth_client_insert none
-- $1 id, $2 type, $3 authentication method, $4 registration type, $5 secret hash, $6 name, $7 client URI, $8 logo URI, $9 redirect URIs,
-- $10 grant types, $11 now
insert into oauth_clients (id, client_type, token_endpoint_auth_method, registration_type, client_secret_hash, client_name, client_uri, logo_uri,
	redirect_uris, grant_types, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)

-- name: oauth_client_update one
-- $1 id, $2 now, $3 redirect URIs, $4 grant types, $5 authentication method (NULL: as it is), $6 to $8 whether name, client URI and logo URI
-- are given, $9 to $11 their values; no row where the client has been deleted meanwhile
update oauth_clients c set
	redirect_uris = coalesce($3, c.redirect_uris), grant_types = coalesce($4, c.grant_types),
	token_endpoint_auth_method = coalesce($5, c.token_endpoint_auth_method),
	client_name = case when $6 then $9 else c.client_name end, client_uri = case when $7 then $10 else c.client_uri end,
	logo_uri = case when $8 then $11 else c.logo_uri end, updated_at = $2
where c.id = $1 and c.deleted_at is null returning {{oauth_client_columns}}

-- name: oauth_client_delete none
-- $1 id, $2 now
update oauth_clients set deleted_at = $2, updated_at = $2 where id = $1 and deleted_at is null

-- name: oauth_client_set_secret one
-- $1 id, $2 now, $3 hash
update oauth_clients c set client_secret_hash = $3, updated_at = $2 where c.id = $1 and c.deleted_at is null returning {{oauth_client_columns}}
