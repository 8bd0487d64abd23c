-- name: linking_candidates many
-- $1 verified addresses in lower case: whom they may belong to (contract 07 section 8.2)
select true, i.user_id, i.provider from identities i where i.email = any($1::text[])
union all
select false, u.id, '' from users u where u.email = any($1::text[]) and u.is_sso_user = false

-- name: user_by_invite_token one
-- $1 hash as it is: whom a confirmation token is for
select {{user_columns}} from users u where {{here}} and u.id = (
	select t.user_id from one_time_tokens t where t.token_hash = $1 and t.token_type::text = 'confirmation_token' limit 1)
