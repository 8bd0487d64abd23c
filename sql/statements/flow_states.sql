-- fragment: flow_state_columns
-- The columns of flow_state as f in the order of struct flow_state's members; 16 of them.
f.id, f.user_id, f.auth_code, f.code_challenge, f.code_challenge_method, f.provider_type, f.authentication_method, f.provider_access_token,
f.provider_refresh_token, f.created_at, f.auth_code_issued_at, f.invite_token, f.referrer, f.oauth_client_state_id, f.linking_target_id,
f.email_optional

-- name: flow_state_insert none
-- $1 id, $2 user, $3 auth code, $4 challenge, $5 its method, $6 provider type, $7 authentication method, $8 now, $9 invite token, $10 referrer,
-- $11 OAuth client state, $12 linking target, $13 email_optional
insert into flow_state (id, user_id, auth_code, code_challenge_method, code_challenge, provider_type, provider_access_token,
	provider_refresh_token, created_at, updated_at, authentication_method, auth_code_issued_at, invite_token, referrer, oauth_client_state_id,
	linking_target_id, email_optional)
values ($1, $2, $3, $5, $4, $6, '', '', $8, $8, $7, null, $9, $10, $11, $12, $13)

-- name: flow_state_by_code one
-- $1 auth code
select {{flow_state_columns}} from flow_state f where f.auth_code = $1 limit 1

-- name: flow_state_newest one
-- $1 user, $2 authentication method
select {{flow_state_columns}} from flow_state f where f.user_id = $1 and f.authentication_method = $2 order by f.created_at desc, f.id desc limit 1

-- name: flow_state_issue none
-- $1 id, $2 now
update flow_state set auth_code_issued_at = $2, updated_at = $2 where id = $1

-- name: flow_state_spend one
-- $1 id: a row only for the one that spends it
delete from flow_state where id = $1 returning id

-- name: flow_state_by_id one
-- $1 id
select {{flow_state_columns}} from flow_state f where f.id = $1

-- name: flow_state_lock one
-- $1 id: no row while another callback has it
select user_id from flow_state where id = $1 limit 1 for update skip locked

-- name: flow_state_arrive none
-- $1 id, $2 user, $3 and $4 the provider's access and refresh token, $5 now
update flow_state set user_id = $2, provider_access_token = $3, provider_refresh_token = $4, auth_code_issued_at = $5, updated_at = $5 where id = $1
