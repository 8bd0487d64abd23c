-- steps of 2026 (contract 03 section 3.3)

-- step: 20260115000000 flow_state for every sign-in with a provider
alter table {ns}.flow_state
	add column if not exists invite_token text null,
	add column if not exists referrer text null,
	add column if not exists oauth_client_state_id uuid null,
	add column if not exists linking_target_id uuid null,
	add column if not exists email_optional boolean not null default false,
	alter column auth_code drop not null,
	alter column code_challenge drop not null,
	alter column code_challenge_method drop not null;
comment on table {ns}.flow_state is 'Stores metadata for all OAuth/SSO login flows';

-- step: 20260121000000 oauth_clients.token_endpoint_auth_method
do $$
begin
	alter table {ns}.oauth_clients add column if not exists token_endpoint_auth_method text null;
	if not exists (select from pg_constraint
			where conrelid = '{ns}.oauth_clients'::regclass and conname = 'oauth_clients_token_endpoint_auth_method_check') then
		alter table {ns}.oauth_clients add constraint oauth_clients_token_endpoint_auth_method_check
			check (token_endpoint_auth_method in ('client_secret_basic', 'client_secret_post', 'none'));
	end if;
	update {ns}.oauth_clients
		set token_endpoint_auth_method = case when client_type = 'public' then 'none' else 'client_secret_basic' end
		where token_endpoint_auth_method is null;
	alter table {ns}.oauth_clients alter column token_endpoint_auth_method set not null;
end
$$;

-- step: 20260219120000 custom_oauth_providers
do $$
begin
	if to_regclass('{ns}.custom_oauth_providers') is null then
		create table {ns}.custom_oauth_providers (
			id uuid not null default gen_random_uuid(),
			provider_type text not null,
			identifier text not null,
			name text not null,
			client_id text not null,
			client_secret text not null,
			acceptable_client_ids text[] not null default '{}',
			scopes text[] not null default '{}',
			pkce_enabled boolean not null default true,
			attribute_mapping jsonb not null default '{}',
			authorization_params jsonb not null default '{}',
			enabled boolean not null default true,
			email_optional boolean not null default false,
			issuer text null,
			discovery_url text null,
			skip_nonce_check boolean not null default false,
			cached_discovery jsonb null,
			discovery_cached_at timestamptz null,
			authorization_url text null,
			token_url text null,
			userinfo_url text null,
			jwks_uri text null,
			created_at timestamptz not null default now(),
			updated_at timestamptz not null default now(),
			constraint custom_oauth_providers_pkey primary key (id),
			constraint custom_oauth_providers_identifier_key unique (identifier),
			constraint custom_oauth_providers_provider_type_check check (provider_type in ('oauth2', 'oidc')),
			constraint custom_oauth_providers_identifier_format check (identifier ~ '^[a-z0-9][a-z0-9:-]{0,48}[a-z0-9]$'),
			constraint custom_oauth_providers_name_length check (char_length(name) >= 1 and char_length(name) <= 100),
			constraint custom_oauth_providers_client_id_length check (char_length(client_id) >= 1 and char_length(client_id) <= 512),
			constraint custom_oauth_providers_issuer_length
				check (issuer is null or (char_length(issuer) >= 1 and char_length(issuer) <= 2048)),
			constraint custom_oauth_providers_discovery_url_length check (discovery_url is null or char_length(discovery_url) <= 2048),
			constraint custom_oauth_providers_authorization_url_length check (authorization_url is null or char_length(authorization_url) <= 2048),
			constraint custom_oauth_providers_token_url_length check (token_url is null or char_length(token_url) <= 2048),
			constraint custom_oauth_providers_userinfo_url_length check (userinfo_url is null or char_length(userinfo_url) <= 2048),
			constraint custom_oauth_providers_jwks_uri_length check (jwks_uri is null or char_length(jwks_uri) <= 2048),
			constraint custom_oauth_providers_authorization_url_https check (authorization_url is null or authorization_url like 'https://%'),
			constraint custom_oauth_providers_token_url_https check (token_url is null or token_url like 'https://%'),
			constraint custom_oauth_providers_userinfo_url_https check (userinfo_url is null or userinfo_url like 'https://%'),
			constraint custom_oauth_providers_jwks_uri_https check (jwks_uri is null or jwks_uri like 'https://%'),
			constraint custom_oauth_providers_oidc_issuer_https check (provider_type <> 'oidc' or issuer is null or issuer like 'https://%'),
			constraint custom_oauth_providers_oidc_discovery_url_https
				check (provider_type <> 'oidc' or discovery_url is null or discovery_url like 'https://%'),
			constraint custom_oauth_providers_oidc_requires_issuer check (provider_type <> 'oidc' or issuer is not null),
			constraint custom_oauth_providers_oauth2_requires_endpoints check (provider_type <> 'oauth2'
				or (authorization_url is not null and token_url is not null and userinfo_url is not null))
		);
	end if;
end
$$;
create index if not exists custom_oauth_providers_identifier_idx on {ns}.custom_oauth_providers (identifier);
create index if not exists custom_oauth_providers_provider_type_idx on {ns}.custom_oauth_providers (provider_type);
create index if not exists custom_oauth_providers_enabled_idx on {ns}.custom_oauth_providers (enabled);
create index if not exists custom_oauth_providers_created_at_idx on {ns}.custom_oauth_providers (created_at);

-- step: 20260302000000 passkeys
do $$
begin
	if to_regclass('{ns}.webauthn_credentials') is null then
		create table {ns}.webauthn_credentials (
			id uuid not null default gen_random_uuid(),
			user_id uuid not null,
			credential_id bytea not null,
			public_key bytea not null,
			attestation_type text not null default '',
			aaguid uuid null,
			sign_count bigint not null default 0,
			transports jsonb not null default '[]',
			backup_eligible boolean not null default false,
			backed_up boolean not null default false,
			friendly_name text not null default '',
			created_at timestamptz not null default now(),
			updated_at timestamptz not null default now(),
			last_used_at timestamptz null,
			constraint webauthn_credentials_pkey primary key (id),
			constraint webauthn_credentials_user_id_fkey foreign key (user_id) references {ns}.users (id) on delete cascade
		);
	end if;
	if to_regclass('{ns}.webauthn_challenges') is null then
		create table {ns}.webauthn_challenges (
			id uuid not null default gen_random_uuid(),
			user_id uuid null,
			challenge_type text not null,
			session_data jsonb not null,
			created_at timestamptz not null default now(),
			expires_at timestamptz not null,
			constraint webauthn_challenges_pkey primary key (id),
			constraint webauthn_challenges_user_id_fkey foreign key (user_id) references {ns}.users (id) on delete cascade,
			constraint webauthn_challenges_challenge_type_check check (challenge_type in ('signup', 'registration', 'authentication'))
		);
	end if;
end
$$;
create unique index if not exists webauthn_credentials_credential_id_key on {ns}.webauthn_credentials (credential_id);
create index if not exists webauthn_credentials_user_id_idx on {ns}.webauthn_credentials (user_id);
create index if not exists webauthn_challenges_user_id_idx on {ns}.webauthn_challenges (user_id);
create index if not exists webauthn_challenges_expires_at_idx on {ns}.webauthn_challenges (expires_at);

-- step: 20260625000000 custom_oauth_providers.custom_claims_allowlist
alter table {ns}.custom_oauth_providers add column if not exists custom_claims_allowlist text[] not null default '{}';
