-- name: one_time_tokens_probe none
select 1
