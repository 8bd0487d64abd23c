-- name: hook_timeout none
-- bounds a hook function within its transaction (contract 11 section 8.1)
set local statement_timeout to '2000'

-- name: hook_timeout_off none
-- back to what the session has without SET
set local statement_timeout to default
