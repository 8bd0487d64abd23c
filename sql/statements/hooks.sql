-- name: hook_begin one
-- A hook function runs as in a session of the operator's: its 2 s (contract 11 section 8.1), and no plan settings of ours
select set_config('statement_timeout', '2000', true), set_config('plan_cache_mode', null, true), set_config('enable_seqscan', null, true),
	set_config('jit', null, true)

-- name: hook_end one
-- $1 to $3 our plan_cache_mode, enable_seqscan and jit (NULL: we have none); no limit but what the session has without SET
select set_config('statement_timeout', null, true), set_config('plan_cache_mode', $1, true), set_config('enable_seqscan', $2, true),
	set_config('jit', $3, true)
