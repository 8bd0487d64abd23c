-- name: oauth_client_state_insert none
-- $1 id, $2 provider, $3 code verifier, $4 now
insert into oauth_client_states (id, provider_type, code_verifier, created_at) values ($1, $2, $3, $4)

-- name: oauth_client_state_take one
-- $1 id: gone afterwards, whatever is found wrong with it
delete from oauth_client_states where id = $1 returning provider_type, code_verifier, created_at
