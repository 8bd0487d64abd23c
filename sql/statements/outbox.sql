-- name: outbox_add one
-- $1 id, $2 kind, $3 user, $4 sender, $5 recipients, $6 message, $7 state, $8 now, $9 expires at, $10 its token's hash or null; gives the state
-- it has: suppressed where mails to the first recipient come back
insert into latchkey.outbox (id, kind, user_id, sender, recipients, message, state, created_at, expires_at, next_at, lease_until, changed_at,
	token_hash)
select $1, $2, $3, $4, $5, case when s.address is null then $6::bytea end, case when s.address is null then $7 else 'suppressed' end, $8, $9, $8,
	$8, $8, case when s.address is null then $10::text end
from (select 1) one left join latchkey.suppressed_addresses s on s.address = lower(($5::text[])[1])
returning state

-- name: outbox_tell none
-- $1 id, $2 state, $3 message or null, $4 next at, $5 lease, $6 relay, $7 answer, $8 now, $9 how many attempts more
update latchkey.outbox set state = $2, message = $3, token_hash = case when $3::bytea is not null then token_hash end, next_at = $4, lease_until = $5, relay = $6, answer = $7, changed_at = $8,
	attempts = attempts + $9 where id = $1

-- name: outbox_keep none
-- as outbox_tell for a letter of a run, the message stays: $1 id, $2 state, $3 next at, $4 lease, $5 relay, $6 answer, $7 now
update latchkey.outbox set state = $2, next_at = $3, lease_until = $4, relay = case when $5 = '' then relay else $5 end,
	answer = case when $6 = '' then answer else $6 end, changed_at = $7 where id = $1 and state = 'sending'

-- name: outbox_end none
-- a letter of a run has come to its end, its message is erased: $1 id, $2 state, $3 relay, $4 answer, $5 now
update latchkey.outbox set state = $2, message = null, token_hash = null, lease_until = null, relay = case when $3 = '' then relay else $3 end, answer = $4,
	changed_at = $5 where id = $1 and state = 'sending'

-- name: outbox_claim many
-- leases letters that are due, oldest first, and says whether the token in each is still good: a later mail, its use or the user's end takes it
-- away. $1 how many, $2 lease until, $3 now, $4 leases that ended before this are free again
with due as (
	select id, state as before from latchkey.outbox
	where (state = 'waiting' and next_at <= $3) or (state = 'sending' and lease_until <= $4)
	order by next_at, created_at limit $1 for update skip locked),
claimed as (
	update latchkey.outbox o set state = 'sending', lease_until = $2, attempts = attempts + 1, changed_at = $3,
		doubtful = o.doubtful or due.before = 'sending'
	from due where o.id = due.id
	returning o.id, o.kind, o.sender, o.recipients, o.message, o.attempts, o.expires_at, o.next_at, o.created_at, due.before = 'sending' as doubt,
		o.token_hash is null or exists (
			select 1 from one_time_tokens t where t.user_id = o.user_id and t.token_hash = o.token_hash) as of_use)
select id, kind, sender, recipients, message, attempts, expires_at, next_at, doubt, of_use from claimed order by next_at, created_at

-- name: outbox_next one
-- when the next letter is due; null: none waits
select min(case when state = 'sending' then lease_until else next_at end) from latchkey.outbox where state in ('waiting', 'sending')

-- name: outbox_on_time one
-- whether nothing has been due since before $1
select not exists (select from latchkey.outbox where state in ('waiting', 'sending')
	and case when state = 'sending' then lease_until else next_at end < $1)

-- name: outbox_purge none
-- forgets what came to its end before $1
delete from latchkey.outbox where id in (
	select id from latchkey.outbox where state not in ('waiting', 'sending') and changed_at < $1 limit 1000 for update skip locked)

-- name: outbox_list many
-- $1 all of them, not only those that wait; $2 how many
select id, kind, state, created_at, expires_at, next_at, attempts, relay, answer, doubtful, recipients from latchkey.outbox
where $1 or state in ('waiting', 'sending') order by created_at desc limit $2

-- name: outbox_totals many
select state, count(*), min(created_at) from latchkey.outbox group by state order by state

-- name: outbox_show one
-- $1 id
select id, kind, state, created_at, expires_at, next_at, attempts, relay, answer, doubtful, recipients, sender, user_id, lease_until, changed_at,
	octet_length(message) from latchkey.outbox where id = $1

-- name: outbox_retry many
-- $1 id, null: all that wait; $2 now
update latchkey.outbox set next_at = $2 where ($1::uuid is null or id = $1) and state = 'waiting' and message is not null returning id

-- name: outbox_drop many
-- $1 id, null: all that wait; $2 now
update latchkey.outbox set state = 'dropped', message = null, token_hash = null, lease_until = null, answer = 'dropped by the operator', changed_at = $2
where ($1::uuid is null or id = $1) and state = 'waiting' returning id

-- name: outbox_bounced one
-- $1 id, $2 what the report says, $3 now: a mail that a relay had taken has come back
update latchkey.outbox set state = 'refused', answer = $2, changed_at = $3 where id = $1 and state = 'sent' returning recipients

-- name: suppressed_add none
-- $1 address, $2 reason, $3 now
insert into latchkey.suppressed_addresses (address, reason, reported_at) values (lower($1), $2, $3)
on conflict (address) do update set reason = excluded.reason, reported_at = excluded.reported_at

-- name: suppressed_remove one
-- $1 address
delete from latchkey.suppressed_addresses where address = lower($1) returning reason

-- name: suppressed_list many
select address, reason, reported_at from latchkey.suppressed_addresses order by reported_at desc
