-- name: factors_probe none
select 1
