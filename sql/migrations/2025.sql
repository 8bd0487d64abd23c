-- steps of 2025 (contract 03 section 3.3)

-- step: 20250717082212 sso_providers.disabled
alter table {ns}.sso_providers add column if not exists disabled boolean null;
create index if not exists sso_providers_resource_id_pattern_idx on {ns}.sso_providers (resource_id text_pattern_ops);

-- step: 20250731150234 oauth_clients
do $$
begin
	if to_regtype('{ns}.oauth_registration_type') is null then
		create type {ns}.oauth_registration_type as enum ('dynamic', 'manual');
	end if;
	if to_regclass('{ns}.oauth_clients') is null then
		create table {ns}.oauth_clients (
			id uuid not null,
			client_id text not null,
			client_secret_hash text not null,
			registration_type {ns}.oauth_registration_type not null,
			redirect_uris text not null,
			grant_types text not null,
			client_name text null,
			client_uri text null,
			logo_uri text null,
			created_at timestamptz not null default now(),
			updated_at timestamptz not null default now(),
			deleted_at timestamptz null,
			constraint oauth_clients_pkey primary key (id),
			constraint oauth_clients_client_id_key unique (client_id),
			constraint oauth_clients_client_name_length check (char_length(client_name) <= 1024),
			constraint oauth_clients_client_uri_length check (char_length(client_uri) <= 2048),
			constraint oauth_clients_logo_uri_length check (char_length(logo_uri) <= 2048)
		);
		create index oauth_clients_client_id_idx on {ns}.oauth_clients (client_id);
		create index oauth_clients_deleted_at_idx on {ns}.oauth_clients (deleted_at);
	end if;
end
$$;

-- step: 20250804100000 oauth_authorizations, oauth_consents
do $$
begin
	if to_regtype('{ns}.oauth_authorization_status') is null then
		create type {ns}.oauth_authorization_status as enum ('pending', 'approved', 'denied', 'expired');
	end if;
	if to_regtype('{ns}.oauth_response_type') is null then
		create type {ns}.oauth_response_type as enum ('code');
	end if;

	if to_regclass('{ns}.oauth_authorizations') is null then
		create table {ns}.oauth_authorizations (
			id uuid not null,
			authorization_id text not null,
			client_id uuid not null,
			user_id uuid null,
			redirect_uri text not null,
			scope text not null,
			state text null,
			resource text null,
			code_challenge text null,
			code_challenge_method {ns}.code_challenge_method null,
			response_type {ns}.oauth_response_type not null default 'code',
			status {ns}.oauth_authorization_status not null default 'pending',
			authorization_code text null,
			created_at timestamptz not null default now(),
			expires_at timestamptz not null default (now() + interval '3 minutes'),
			approved_at timestamptz null,
			constraint oauth_authorizations_pkey primary key (id),
			constraint oauth_authorizations_authorization_id_key unique (authorization_id),
			constraint oauth_authorizations_authorization_code_key unique (authorization_code),
			constraint oauth_authorizations_client_id_fkey foreign key (client_id) references {ns}.oauth_clients (id) on delete cascade,
			constraint oauth_authorizations_user_id_fkey foreign key (user_id) references {ns}.users (id) on delete cascade,
			constraint oauth_authorizations_expires_at_future check (expires_at > created_at),
			constraint oauth_authorizations_redirect_uri_length check (char_length(redirect_uri) <= 2048),
			constraint oauth_authorizations_scope_length check (char_length(scope) <= 4096),
			constraint oauth_authorizations_state_length check (char_length(state) <= 4096),
			constraint oauth_authorizations_resource_length check (char_length(resource) <= 2048),
			constraint oauth_authorizations_code_challenge_length check (char_length(code_challenge) <= 128),
			constraint oauth_authorizations_authorization_code_length check (char_length(authorization_code) <= 255)
		);
		create index oauth_auth_pending_exp_idx on {ns}.oauth_authorizations (expires_at) where status = 'pending';
	end if;

	if to_regclass('{ns}.oauth_consents') is null then
		create table {ns}.oauth_consents (
			id uuid not null,
			user_id uuid not null,
			client_id uuid not null,
			scopes text not null,
			granted_at timestamptz not null default now(),
			revoked_at timestamptz null,
			constraint oauth_consents_pkey primary key (id),
			constraint oauth_consents_user_client_unique unique (user_id, client_id),
			constraint oauth_consents_user_id_fkey foreign key (user_id) references {ns}.users (id) on delete cascade,
			constraint oauth_consents_client_id_fkey foreign key (client_id) references {ns}.oauth_clients (id) on delete cascade,
			constraint oauth_consents_revoked_after_granted check (revoked_at is null or revoked_at >= granted_at),
			constraint oauth_consents_scopes_length check (char_length(scopes) <= 2048),
			constraint oauth_consents_scopes_not_empty check (char_length(trim(scopes)) > 0)
		);
		create index oauth_consents_active_user_client_idx on {ns}.oauth_consents (user_id, client_id) where revoked_at is null;
		create index oauth_consents_active_client_idx on {ns}.oauth_consents (client_id) where revoked_at is null;
		create index oauth_consents_user_order_idx on {ns}.oauth_consents (user_id, granted_at desc);
	end if;
end
$$;

-- step: 20250901200500 public clients
do $$
begin
	alter table {ns}.oauth_clients alter column client_secret_hash drop not null;
	if to_regtype('{ns}.oauth_client_type') is null then
		create type {ns}.oauth_client_type as enum ('public', 'confidential');
	end if;
	alter table {ns}.oauth_clients add column if not exists client_type {ns}.oauth_client_type not null default 'confidential';
end
$$;

-- step: 20250903112500 a client's id is its client_id
drop index if exists {ns}.oauth_clients_client_id_idx;
alter table {ns}.oauth_clients drop constraint if exists oauth_clients_client_id_key, drop column if exists client_id;

-- step: 20250904133000 sessions.oauth_client_id
alter table {ns}.sessions add column if not exists oauth_client_id uuid null;
do $$
begin
	if not exists (select from pg_constraint where conrelid = '{ns}.sessions'::regclass and conname = 'sessions_oauth_client_id_fkey') then
		alter table {ns}.sessions add constraint sessions_oauth_client_id_fkey
			foreign key (oauth_client_id) references {ns}.oauth_clients (id) on delete cascade not valid;
	end if;
end
$$;
alter table {ns}.sessions validate constraint sessions_oauth_client_id_fkey;
create index if not exists sessions_oauth_client_id_idx on {ns}.sessions (oauth_client_id);

-- step: 20250925093508 mfa_factors.last_webauthn_challenge_data
alter table {ns}.mfa_factors add column if not exists last_webauthn_challenge_data jsonb null;
comment on column {ns}.mfa_factors.last_webauthn_challenge_data is
	'Stores the latest WebAuthn challenge data including attestation/assertion for customer verification';

-- step: 20251007112900 refresh tokens of version 2
alter table {ns}.sessions
	add column if not exists refresh_token_hmac_key text null,
	add column if not exists refresh_token_counter bigint null;
comment on column {ns}.sessions.refresh_token_hmac_key is 'Holds a HMAC-SHA256 key used to sign refresh tokens for this session.';
comment on column {ns}.sessions.refresh_token_counter is 'Holds the ID (counter) of the last issued refresh token.';

-- step: 20251104100000 oauth_authorizations.nonce
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.oauth_authorizations'::regclass and attname = 'nonce' and not attisdropped) then
		alter table {ns}.oauth_authorizations add column nonce text null;
	end if;
	if not exists (select from pg_constraint
			where conrelid = '{ns}.oauth_authorizations'::regclass and conname = 'oauth_authorizations_nonce_length') then
		alter table {ns}.oauth_authorizations add constraint oauth_authorizations_nonce_length check (char_length(nonce) <= 255);
	end if;
end
$$;

-- step: 20251111201300 sessions.scopes
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.sessions'::regclass and attname = 'scopes' and not attisdropped) then
		alter table {ns}.sessions add column scopes text null;
	end if;
	if not exists (select from pg_constraint where conrelid = '{ns}.sessions'::regclass and conname = 'sessions_scopes_length') then
		alter table {ns}.sessions add constraint sessions_scopes_length check (char_length(scopes) <= 4096);
	end if;
end
$$;

-- step: 20251201000000 oauth_client_states
do $$
begin
	if to_regclass('{ns}.oauth_client_states') is null then
		create table {ns}.oauth_client_states (
			id uuid not null,
			provider_type text not null,
			code_verifier text null,
			created_at timestamptz not null,
			constraint oauth_client_states_pkey primary key (id)
		);
		comment on table {ns}.oauth_client_states is
			'Stores OAuth states for third-party provider authentication flows where Supabase acts as the OAuth client.';
	end if;
end
$$;
create index if not exists idx_oauth_client_states_created_at on {ns}.oauth_client_states (created_at);
