-- name: one_time_token_create none
-- $1 id, $2 user, $3 type, $4 hash, $5 what it relates to, in lower case, $6 now (UTC wall clock): replaces the user's token of that type
insert into one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
values ($1, $2, $3::one_time_token_type, $4, $5, $6, $6)
on conflict (user_id, token_type) do update
set id = excluded.id, token_hash = excluded.token_hash, relates_to = excluded.relates_to, created_at = excluded.created_at,
	updated_at = excluded.updated_at

-- name: one_time_token_delete none
-- $1 user, $2 type
delete from one_time_tokens where user_id = $1 and token_type = $2::one_time_token_type

-- name: one_time_tokens_delete none
-- $1 user
delete from one_time_tokens where user_id = $1

-- name: user_by_mail_token one
-- $1 hash, $2 types: the owner, where the token is about the address that the user has now (contract 06 section 14)
select {{user_columns}} from users u where {{here}} and u.id = (
	select t.user_id from one_time_tokens t join users o on o.id = t.user_id
	where t.token_hash = $1 and t.token_type::text = any ($2::text[])
		and t.relates_to = lower(case t.token_type when 'email_change_token_new' then o.email_change else o.email end)
	limit 1)
