-- name: user_index_lock one
-- $1 schema: whether the index worker's lock is ours now, and whether the table is OrioleDB's
select pg_try_advisory_lock(hashtext('auth_index_worker')::bigint),
	coalesce((select m.amname = 'orioledb' from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_am m on m.oid = c.relam
		where n.nspname = $1 and c.relname = 'users'), false)

-- name: user_index_unlock one
select pg_advisory_unlock(hashtext('auth_index_worker')::bigint)

-- name: user_indexes many
-- $1 schema: those of the four that exist, and whether they are whole
select c.relname, i.indisvalid and i.indisready from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname in ('idx_users_email', 'idx_users_created_at_desc', 'idx_users_last_sign_in_at_desc', 'idx_users_name')

-- name: user_estimate one
-- $1 schema: how many users the planner expects; -1 where the table was never analysed
select c.reltuples::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = 'users'
