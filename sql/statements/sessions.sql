-- fragment: session_columns
-- A session s with its AMR rows as "microseconds-since-1970 method": 14 columns; session_from_row() reads them.
s.id, s.user_id, s.created_at, s.updated_at, s.refreshed_at, s.not_after, s.factor_id, s.oauth_client_id, s.aal, s.tag, s.scopes,
s.refresh_token_hmac_key, s.refresh_token_counter,
array(select (date_part('epoch', a.updated_at) * 1000000)::bigint || ' ' || a.authentication_method from mfa_amr_claims a where a.session_id = s.id)

-- name: bearer_session one
-- $1 user, $2 session: the user and that session, whose columns are NULL where there is none
select {{user_columns}}, {{session_columns}} from users u left join sessions s on s.id = $2 where {{here}} and u.id = $1

-- name: session_by_id one
-- $1 id
select {{session_columns}} from sessions s where s.id = $1

-- name: session_lock one
-- $1 id: no row where it is gone, or locked by another
select {{session_columns}} from sessions s where s.id = $1 for update skip locked

-- name: sessions_of_user many
-- $1 user
select {{session_columns}} from sessions s where s.user_id = $1

-- name: session_insert none
-- $1 id, $2 user, $3 now, $4 not_after, $5 user agent, $6 address, $7 OAuth client, $8 scopes, $9 key and $10 counter (version 2), $11 factor
insert into sessions (id, user_id, created_at, updated_at, factor_id, aal, not_after, refreshed_at, user_agent, ip, tag, oauth_client_id,
	refresh_token_hmac_key, refresh_token_counter, scopes)
values ($1, $2, $3, $3, $11, 'aal1', $4, null, $5, $6, null, $7, $9, $10, $8)

-- name: session_add_method none
-- $1 session, $2 method, $3 now, $4 id of a new row
insert into mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method) values ($4, $1, $3, $3, $2)
on conflict on constraint mfa_amr_claims_session_id_authentication_method_pkey do update set updated_at = excluded.updated_at

-- name: session_refreshed none
-- $1 id, $2 now, $3 user agent, $4 address
update sessions set refreshed_at = $2::timestamptz at time zone 'UTC', user_agent = $3, ip = $4, updated_at = $2 where id = $1

-- name: session_set_counter none
-- $1 id, $2 now, $3 counter
update sessions set refresh_token_counter = $3, updated_at = $2 where id = $1

-- name: session_set_key none
-- $1 id, $2 now, $3 key
update sessions set refresh_token_hmac_key = $3, updated_at = $2 where id = $1

-- name: session_set_key_counter none
-- $1 id, $2 now, $3 key, $4 counter
update sessions set refresh_token_hmac_key = $3, refresh_token_counter = $4, updated_at = $2 where id = $1

-- name: session_set_level none
-- $1 id, $2 now, $3 level, $4 factor
update sessions set aal = $3, factor_id = $4, updated_at = $2 where id = $1

-- name: session_mark_counter none
-- $1 session, $2 counter of the first version 2 token after a second factor, $3 now
insert into latchkey.session_levels (session_id, counter, raised_at) values ($1, $2, $3)
on conflict (session_id) do update set counter = excluded.counter, raised_at = excluded.raised_at

-- name: session_mark_token none
-- $1 session, $2 the first version 1 token after a second factor, $3 now
insert into latchkey.session_levels (session_id, token_id, raised_at) select $1, t.id, $3 from refresh_tokens t where t.token = $2
on conflict (session_id) do update set token_id = excluded.token_id, raised_at = excluded.raised_at

-- name: session_level one
-- $1 session: the first version 2 counter and the first version 1 row that are of its higher level, each NULL where it is not known
select counter, token_id from latchkey.session_levels where session_id = $1

-- name: session_delete none
-- $1 id
delete from sessions where id = $1

-- name: sessions_delete_others none
-- $1 user, $2 the session that stays
delete from sessions where user_id = $1 and id <> $2

-- name: user_signed_in none
-- $1 user, $2 time of the sign-in, $3 now
update users set last_sign_in_at = $2, updated_at = $3 where id = $1

-- name: user_lock one
-- $1 id: no row where it is locked by another
select id from users where id = $1 for update skip locked
