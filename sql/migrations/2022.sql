-- steps of 2022 (contract 03 section 3.3)

-- step: 20220114185221 users_instance_id_email_idx on the lower-case address
do $$
begin
	if not exists (select from pg_index
			where indexrelid = to_regclass('{ns}.users_instance_id_email_idx') and pg_get_indexdef(indexrelid, 2, true) like 'lower(%') then
		drop index if exists {ns}.users_instance_id_email_idx;
		create index users_instance_id_email_idx on {ns}.users (instance_id, lower(email));
	end if;
end
$$;

-- step: 20220114185340 users.banned_until
alter table {ns}.users add column if not exists banned_until timestamptz null;

-- step: 20220224000811 uid(), role(), email() in their final form
do $$
begin
	if to_regprocedure('{ns}.jwt()') is null then
		create or replace function {ns}.uid() returns uuid language sql stable as $body$
			select coalesce(
				nullif(current_setting('request.jwt.claim.sub', true), ''),
				(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
			)::uuid;
		$body$;
		create or replace function {ns}.role() returns text language sql stable as $body$
			select coalesce(
				nullif(current_setting('request.jwt.claim.role', true), ''),
				(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
			)::text;
		$body$;
		create or replace function {ns}.email() returns text language sql stable as $body$
			select coalesce(
				nullif(current_setting('request.jwt.claim.email', true), ''),
				(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
			)::text;
		$body$;
	end if;
end
$$;

-- step: 20220323170000 reauthentication of users
alter table {ns}.users
	add column if not exists reauthentication_token varchar(255) null default '',
	add column if not exists reauthentication_sent_at timestamptz null;

-- step: 20220429102000 partial unique indexes on the token columns of users
do $$
declare
	col text;
begin
	foreach col in array array['confirmation_token', 'recovery_token', 'email_change_token_current', 'email_change_token_new', 'reauthentication_token'] loop
		if not exists (select from pg_index
				where indexrelid = to_regclass('{ns}.' || col || '_idx') and indisunique and indisvalid and indpred is not null) then
			execute format('drop index if exists {ns}.%I', col || '_idx');
			execute format('create unique index %I on {ns}.users (%I) where %I !~ ''^[0-9 ]*$''', col || '_idx', col, col);
		end if;
	end loop;
end
$$;

-- step: 20220531120530 jwt(); the other functions are deprecated
do $$
begin
	if to_regprocedure('{ns}.jwt()') is null then
		create function {ns}.jwt() returns jsonb language sql stable as $body$
			select coalesce(
				nullif(current_setting('request.jwt.claim', true), ''),
				nullif(current_setting('request.jwt.claims', true), '')
			)::jsonb;
		$body$;
		-- the comments name schema auth whatever the namespace is
		comment on function {ns}.uid() is 'Deprecated. Use auth.jwt() -> ''sub'' instead.';
		comment on function {ns}.role() is 'Deprecated. Use auth.jwt() -> ''role'' instead.';
		comment on function {ns}.email() is 'Deprecated. Use auth.jwt() -> ''email'' instead.';
	end if;
end
$$;

-- step: 20220614074223 audit_log_entries.ip_address
alter table {ns}.audit_log_entries add column if not exists ip_address varchar(64) not null default '';

-- step: 20220811173540 sessions, refresh_tokens.session_id
do $$
begin
	if to_regclass('{ns}.sessions') is null then
		create table {ns}.sessions (
			id uuid not null,
			user_id uuid not null,
			created_at timestamptz null,
			updated_at timestamptz null,
			constraint sessions_pkey primary key (id),
			constraint sessions_user_id_fkey foreign key (user_id) references {ns}.users (id) on delete cascade
		);
		comment on table {ns}.sessions is 'Auth: Stores session data associated to a user.';
	end if;
	if not exists (select from pg_attribute where attrelid = '{ns}.refresh_tokens'::regclass and attname = 'session_id' and not attisdropped) then
		alter table {ns}.refresh_tokens
			add column session_id uuid null,
			add constraint refresh_tokens_session_id_fkey foreign key (session_id) references {ns}.sessions (id) on delete cascade;
	end if;
end
$$;

-- step: 20221003041349 factors, challenges and authentication methods
do $$
begin
	if to_regtype('{ns}.factor_type') is null then
		create type {ns}.factor_type as enum ('totp', 'webauthn');
	end if;
	if to_regtype('{ns}.factor_status') is null then
		create type {ns}.factor_status as enum ('unverified', 'verified');
	end if;
	if to_regtype('{ns}.aal_level') is null then
		create type {ns}.aal_level as enum ('aal1', 'aal2', 'aal3');
	end if;

	if to_regclass('{ns}.mfa_factors') is null then
		create table {ns}.mfa_factors (
			id uuid not null,
			user_id uuid not null,
			friendly_name text null,
			factor_type {ns}.factor_type not null,
			status {ns}.factor_status not null,
			created_at timestamptz not null,
			updated_at timestamptz not null,
			secret text null,
			constraint mfa_factors_pkey primary key (id),
			constraint mfa_factors_user_id_fkey foreign key (user_id) references {ns}.users (id) on delete cascade
		);
		create unique index mfa_factors_user_friendly_name_unique on {ns}.mfa_factors (friendly_name, user_id) where trim(friendly_name) <> '';
		comment on table {ns}.mfa_factors is 'auth: stores metadata about factors';
	end if;

	if to_regclass('{ns}.mfa_challenges') is null then
		create table {ns}.mfa_challenges (
			id uuid not null,
			factor_id uuid not null,
			created_at timestamptz not null,
			verified_at timestamptz null,
			ip_address inet not null,
			constraint mfa_challenges_pkey primary key (id),
			constraint mfa_challenges_auth_factor_id_fkey foreign key (factor_id) references {ns}.mfa_factors (id) on delete cascade
		);
		comment on table {ns}.mfa_challenges is 'auth: stores metadata about challenge requests made';
	end if;

	if to_regclass('{ns}.mfa_amr_claims') is null then
		create table {ns}.mfa_amr_claims (
			session_id uuid not null,
			created_at timestamptz not null,
			updated_at timestamptz not null,
			authentication_method text not null,
			constraint mfa_amr_claims_session_id_authentication_method_pkey unique (session_id, authentication_method),
			constraint mfa_amr_claims_session_id_fkey foreign key (session_id) references {ns}.sessions (id) on delete cascade
		);
		comment on table {ns}.mfa_amr_claims is 'auth: stores authenticator method reference claims for multi factor authentication';
	end if;
end
$$;

-- step: 20221003041400 sessions.factor_id, sessions.aal
alter table {ns}.sessions
	add column if not exists factor_id uuid null,
	add column if not exists aal {ns}.aal_level null;

-- step: 20221011041400 mfa_amr_claims.id
-- (rows that are there get ids of their own)
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.mfa_amr_claims'::regclass and attname = 'id' and not attisdropped) then
		alter table {ns}.mfa_amr_claims
			add column id uuid not null default gen_random_uuid(),
			add constraint amr_id_pk primary key (id);
		alter table {ns}.mfa_amr_claims alter column id drop default;
	end if;
end
$$;
create index if not exists user_id_created_at_idx on {ns}.sessions (user_id, created_at);
create index if not exists factor_id_created_at_idx on {ns}.mfa_factors (user_id, created_at);

-- step: 20221020193600 index on sessions.user_id
create index if not exists sessions_user_id_idx on {ns}.sessions (user_id);

-- step: 20221021073300 index on refresh_tokens (session_id, revoked)
create index if not exists refresh_tokens_session_id_revoked_idx on {ns}.refresh_tokens (session_id, revoked);

-- step: 20221021082433 single sign-on and SAML
do $$
begin
	if to_regclass('{ns}.sso_providers') is null then
		create table {ns}.sso_providers (
			id uuid not null,
			resource_id text null,
			created_at timestamptz null,
			updated_at timestamptz null,
			constraint sso_providers_pkey primary key (id),
			-- this check and that of metadata_url never refuse anything; they stay as they are (contract 03 section 4.4)
			constraint "resource_id not empty" check (resource_id = null or char_length(resource_id) > 0)
		);
		create unique index sso_providers_resource_id_idx on {ns}.sso_providers (lower(resource_id));
		comment on table {ns}.sso_providers is
			'Auth: Manages SSO identity provider information; see saml_providers for SAML.';
		comment on column {ns}.sso_providers.resource_id is
			'Auth: Uniquely identifies a SSO provider according to a user-chosen resource ID (case insensitive), useful in infrastructure as code.';
		-- dropped again by 20221215195900
		create table if not exists {ns}.sso_sessions (
			id uuid not null,
			session_id uuid not null,
			sso_provider_id uuid null,
			not_before timestamptz null,
			not_after timestamptz null,
			idp_initiated boolean default false,
			created_at timestamptz null,
			updated_at timestamptz null,
			constraint sso_sessions_pkey primary key (id),
			constraint sso_sessions_session_id_fkey foreign key (session_id) references {ns}.sessions (id) on delete cascade,
			constraint sso_sessions_sso_provider_id_fkey foreign key (sso_provider_id) references {ns}.sso_providers (id) on delete cascade
		);
	end if;

	if to_regclass('{ns}.sso_domains') is null then
		create table {ns}.sso_domains (
			id uuid not null,
			sso_provider_id uuid not null,
			domain text not null,
			created_at timestamptz null,
			updated_at timestamptz null,
			constraint sso_domains_pkey primary key (id),
			constraint sso_domains_sso_provider_id_fkey foreign key (sso_provider_id) references {ns}.sso_providers (id) on delete cascade,
			constraint "domain not empty" check (char_length(domain) > 0)
		);
		create index sso_domains_sso_provider_id_idx on {ns}.sso_domains (sso_provider_id);
		create unique index sso_domains_domain_idx on {ns}.sso_domains (lower(domain));
		comment on table {ns}.sso_domains is 'Auth: Manages SSO email address domain mapping to an SSO Identity Provider.';
	end if;

	if to_regclass('{ns}.saml_providers') is null then
		create table {ns}.saml_providers (
			id uuid not null,
			sso_provider_id uuid not null,
			entity_id text not null,
			metadata_xml text not null,
			metadata_url text null,
			attribute_mapping jsonb null,
			created_at timestamptz null,
			updated_at timestamptz null,
			constraint saml_providers_pkey primary key (id),
			constraint saml_providers_entity_id_key unique (entity_id),
			constraint saml_providers_sso_provider_id_fkey foreign key (sso_provider_id) references {ns}.sso_providers (id) on delete cascade,
			constraint "metadata_xml not empty" check (char_length(metadata_xml) > 0),
			constraint "metadata_url not empty" check (metadata_url = null or char_length(metadata_url) > 0),
			constraint "entity_id not empty" check (char_length(entity_id) > 0)
		);
		create index saml_providers_sso_provider_id_idx on {ns}.saml_providers (sso_provider_id);
		comment on table {ns}.saml_providers is 'Auth: Manages SAML Identity Provider connections.';
	end if;

	if to_regclass('{ns}.saml_relay_states') is null then
		create table {ns}.saml_relay_states (
			id uuid not null,
			sso_provider_id uuid not null,
			request_id text not null,
			for_email text null,
			redirect_to text null,
			from_ip_address inet null,
			created_at timestamptz null,
			updated_at timestamptz null,
			constraint saml_relay_states_pkey primary key (id),
			constraint saml_relay_states_sso_provider_id_fkey foreign key (sso_provider_id) references {ns}.sso_providers (id) on delete cascade,
			constraint "request_id not empty" check (char_length(request_id) > 0)
		);
		create index saml_relay_states_sso_provider_id_idx on {ns}.saml_relay_states (sso_provider_id);
		create index saml_relay_states_for_email_idx on {ns}.saml_relay_states (for_email);
		comment on table {ns}.saml_relay_states is 'Auth: Contains SAML Relay State information for each Service Provider initiated login.';
	end if;
end
$$;

-- step: 20221027105023 index on identities.user_id where it is missing
create index if not exists identities_user_id_idx on {ns}.identities (user_id);

-- step: 20221114143122 sessions.not_after
alter table {ns}.sessions add column if not exists not_after timestamptz null;
comment on column {ns}.sessions.not_after is
	'Auth: Not after is a nullable column that contains a timestamp after which the session should be regarded as expired.';

-- step: 20221114143410 refresh_tokens.parent refers to nothing any more
alter table {ns}.refresh_tokens drop constraint if exists refresh_tokens_parent_fkey;

-- step: 20221125140132 an identity for each user with address and password (back-fill A)
-- (identities.provider_id comes later: where it is there, these rows have been made)
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.identities'::regclass and attname = 'provider_id' and not attisdropped) then
		insert into {ns}.identities (id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
			select u.id::text, u.id, jsonb_build_object('sub', u.id, 'email', u.email), 'email', null, '2022-11-25', '2022-11-25'
			from {ns}.users u
			where u.encrypted_password <> '' and u.email <> ''
			and not exists (select from {ns}.identities i where i.user_id = u.id);
	end if;
end
$$;

-- step: 20221208132122 last_sign_in_at of the identities just made (back-fill A2)
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.identities'::regclass and attname = 'provider_id' and not attisdropped) then
		update {ns}.identities set last_sign_in_at = '2022-11-25'
			where last_sign_in_at is null and created_at = '2022-11-25' and updated_at = '2022-11-25'
			and provider = 'email' and id = user_id::text;
	end if;
end
$$;

-- step: 20221215195500 users.is_sso_user; an address is unique among the others only
do $$
begin
	alter table {ns}.users add column if not exists is_sso_user boolean not null default false;
	comment on column {ns}.users.is_sso_user is
		'Auth: Set this column to true when the account comes from SSO. These accounts can have duplicate emails.';
	begin
		alter table {ns}.users drop constraint if exists users_email_key;
	exception when dependent_objects_still_exist then
		raise notice 'users_email_key stays: other objects depend on it';
	end;
	create unique index if not exists users_email_partial_key on {ns}.users (email) where (is_sso_user = false);
	comment on index {ns}.users_email_partial_key is 'Auth: A partial unique index that applies only when is_sso_user is false';
end
$$;

-- step: 20221215195800 identities.email, generated; identity_data.email of e-mail identities (back-fill B)
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.identities'::regclass and attname = 'email' and not attisdropped) then
		update {ns}.identities i
			set identity_data = i.identity_data || jsonb_build_object('email', u.email), updated_at = '2022-11-25'
			from {ns}.users u
			where u.id = i.user_id and i.provider = 'email' and i.identity_data ->> 'email' is null;
		alter table {ns}.identities add column email text generated always as (lower(identity_data ->> 'email')) stored;
		comment on column {ns}.identities.email is
			'Auth: Email is a generated column that references the optional email property in the identity_data';
	end if;
	create index if not exists identities_email_idx on {ns}.identities (email text_pattern_ops);
	comment on index {ns}.identities_email_idx is 'Auth: Ensures indexed queries on the email column';
end
$$;

-- step: 20221215195900 no sso_sessions
drop table if exists {ns}.sso_sessions;
