-- name: probe one
-- is the database there?
select 1
