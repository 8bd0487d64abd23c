-- name: user_set_confirmation_token none
-- $1 user, $2 token, $3 sent at, $4 updated at
update users set confirmation_token = $2, confirmation_sent_at = $3, updated_at = $4 where id = $1

-- name: user_set_invite_token none
-- $1 user, $2 token, $3 sent and invited at, $4 updated at
update users set confirmation_token = $2, confirmation_sent_at = $3, invited_at = $3, updated_at = $4 where id = $1

-- name: user_set_recovery_token none
-- $1 user, $2 token, $3 sent at, $4 updated at
update users set recovery_token = $2, recovery_sent_at = $3, updated_at = $4 where id = $1

-- name: user_set_reauthentication_token none
-- $1 user, $2 token, $3 sent at, $4 updated at
update users set reauthentication_token = $2, reauthentication_sent_at = $3, updated_at = $4 where id = $1

-- name: user_set_email_change none
-- $1 user, $2 new address, $3 its token, $4 token of the current address, $5 sent at, $6 updated at
update users set email_change = $2, email_change_token_new = $3, email_change_token_current = $4, email_change_sent_at = $5,
	email_change_confirm_status = 0, updated_at = $6 where id = $1

-- name: user_set_phone_change_token none
-- $1 user, $2 pending number, $3 token, $4 sent at, $5 updated at
update users set phone_change = $2, phone_change_token = $3, phone_change_sent_at = $4, updated_at = $5 where id = $1

-- name: notification_savepoint none
savepoint notification

-- name: notification_rollback none
rollback to savepoint notification
