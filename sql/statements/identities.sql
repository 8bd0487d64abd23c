-- name: identities_probe none
select 1
