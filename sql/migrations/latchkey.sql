-- steps of our own schema, numbered from 1; latchkey.migrations keeps which have been applied. A step that has been released is never
-- changed: a change is a further step. Names are qualified with latchkey.

-- step: 1 the counter from which a session's version 2 refresh tokens are of its higher level
-- No foreign key: auth stays as it is. Rows of sessions that are gone are removed by clean-up.
create table if not exists latchkey.session_levels (
	session_id uuid primary key,
	counter bigint not null,
	raised_at timestamptz not null
);

-- step: 2 mails until a relay has taken them, and what became of them; addresses that mails come back from
-- A body holds codes: it is there only while it still has to leave. States: waiting; sending (leased: whoever carries it may have died);
-- sent; refused, expired, dropped, suppressed.
create table if not exists latchkey.outbox (
	id uuid primary key,
	kind text not null,
	user_id uuid null,
	sender text not null,
	recipients text[] not null,
	message bytea null,
	state text not null,
	created_at timestamptz not null,
	expires_at timestamptz not null,
	next_at timestamptz not null,
	lease_until timestamptz null,
	attempts int not null default 0,
	relay text not null default '',
	answer text not null default '',
	changed_at timestamptz not null,
	doubtful boolean not null default false
);
create index if not exists outbox_pending on latchkey.outbox (next_at, created_at) where state in ('waiting', 'sending');
create index if not exists outbox_finished on latchkey.outbox (changed_at) where state not in ('waiting', 'sending');
create table if not exists latchkey.suppressed_addresses (
	address text primary key,
	reason text not null,
	reported_at timestamptz not null
);

-- step: 3 the row from which a session's version 1 refresh tokens are of its higher level
alter table latchkey.session_levels
	alter column counter drop not null,
	add column if not exists token_id bigint null;

-- step: 4 authorization codes that have been exchanged, by digest, and what they gave
-- One that comes again ends that session. Rows are of use for a day; clean-up removes them.
create table if not exists latchkey.spent_codes (
	digest bytea primary key,
	client_id uuid not null,
	session_id uuid not null,
	code_challenge text null,
	code_challenge_method text null,
	spent_at timestamptz not null
);
create index if not exists spent_codes_spent_at on latchkey.spent_codes (spent_at);

-- step: 5 assertions of single sign-on that have signed somebody in, by digest of issuer and ID, until they are of no use
create table if not exists latchkey.spent_assertions (
	digest bytea primary key,
	expires_at timestamptz not null
);
create index if not exists spent_assertions_expires_at on latchkey.spent_assertions (expires_at);

-- step: 6 what OpenID providers publish, for all workers; messages of wallets that have signed somebody in
-- Documents by where they are fetched from. keys is their key set, null until somebody needs it.
create table if not exists latchkey.oidc_documents (
	location text primary key,
	issuer text not null,
	document text not null,
	fetched_at timestamptz not null,
	keys text null,
	keys_unknown_at timestamptz null
);
create table if not exists latchkey.spent_messages (
	digest bytea primary key,
	until timestamptz not null
);
create index if not exists spent_messages_until on latchkey.spent_messages (until);

-- step: 7 the last time step of each TOTP factor whose code has been accepted: a code is good for once
-- No foreign key, as with session_levels; clean-up removes rows of factors that are gone.
create table if not exists latchkey.totp_steps (
	factor_id uuid primary key,
	step bigint not null,
	accepted_at timestamptz not null
);

-- step: 8 the one-time token that a mail carries, while it waits: without it the mail is of no use
alter table latchkey.outbox add column if not exists token_hash text null;
