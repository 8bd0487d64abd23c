-- name: audit_probe none
select 1
