-- steps of 2024 (contract 03 section 3.3)

-- step: 20240115144230 no saml_relay_states.from_ip_address
alter table {ns}.saml_relay_states drop column if exists from_ip_address;

-- step: 20240214120130 users.is_anonymous
alter table {ns}.users add column if not exists is_anonymous boolean not null default false;
create index if not exists users_is_anonymous_idx on {ns}.users (is_anonymous);

-- step: 20240306115329 flow_state.auth_code_issued_at
alter table {ns}.flow_state add column if not exists auth_code_issued_at timestamptz null;

-- step: 20240314092811 saml_providers.name_id_format
alter table {ns}.saml_providers add column if not exists name_id_format text null;

-- step: 20240427152123 one_time_tokens
do $$
declare
	col text;
begin
	if to_regtype('{ns}.one_time_token_type') is null then
		create type {ns}.one_time_token_type as enum ('confirmation_token', 'reauthentication_token', 'recovery_token',
			'email_change_token_new', 'email_change_token_current', 'phone_change_token');
	end if;
	if to_regclass('{ns}.one_time_tokens') is null then
		create table {ns}.one_time_tokens (
			id uuid not null,
			user_id uuid not null,
			token_type {ns}.one_time_token_type not null,
			token_hash text not null,
			relates_to text not null,
			created_at timestamp without time zone not null default now(),
			updated_at timestamp without time zone not null default now(),
			constraint one_time_tokens_pkey primary key (id),
			constraint one_time_tokens_user_id_fkey foreign key (user_id) references {ns}.users (id) on delete cascade,
			constraint one_time_tokens_token_hash_check check (char_length(token_hash) > 0)
		);
	end if;
	-- btree under the same name where the table's access method has no hash index
	foreach col in array array['token_hash', 'relates_to'] loop
		begin
			execute format('create index if not exists one_time_tokens_%s_hash_idx on {ns}.one_time_tokens using hash (%s)', col, col);
		exception when others then
			execute format('create index if not exists one_time_tokens_%s_hash_idx on {ns}.one_time_tokens using btree (%s)', col, col);
		end;
	end loop;
	create unique index if not exists one_time_tokens_user_id_token_type_key on {ns}.one_time_tokens (user_id, token_type);
end
$$;

-- step: 20240612123726 row level security without policies; role postgres may read, where there is one
do $$
declare
	name text;
begin
	foreach name in array array['audit_log_entries', 'flow_state', 'identities', 'instances', 'mfa_amr_claims', 'mfa_challenges', 'mfa_factors',
			'one_time_tokens', 'refresh_tokens', 'saml_providers', 'saml_relay_states', 'schema_migrations', 'sessions', 'sso_domains',
			'sso_providers', 'users'] loop
		if not (select relrowsecurity from pg_class where oid = ('{ns}.' || name)::regclass) then
			execute format('alter table {ns}.%I enable row level security', name);
		end if;
		if to_regrole('postgres') is not null then
			execute format('grant select on {ns}.%I to postgres with grant option', name);
		end if;
	end loop;
end
$$;

-- step: 20240729123726 factors of type phone
-- (a label added in a transaction may be used after its end only; nothing here uses it)
alter type {ns}.factor_type add value if not exists 'phone';
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.mfa_factors'::regclass and attname = 'phone' and not attisdropped) then
		alter table {ns}.mfa_factors add column phone text null, add constraint mfa_factors_phone_key unique (phone);
		create unique index if not exists unique_verified_phone_factor on {ns}.mfa_factors (user_id, phone);
	end if;
end
$$;
alter table {ns}.mfa_challenges add column if not exists otp_code text null;

-- step: 20240802193726 mfa_factors.last_challenged_at
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.mfa_factors'::regclass and attname = 'last_challenged_at' and not attisdropped) then
		alter table {ns}.mfa_factors
			add column last_challenged_at timestamptz null,
			add constraint mfa_factors_last_challenged_at_key unique (last_challenged_at);
	end if;
end
$$;

-- step: 20240806073726 a phone is unique among the factors of one user only
do $$
begin
	alter table {ns}.mfa_factors drop constraint if exists mfa_factors_phone_key;
	if to_regclass('{ns}.unique_phone_factor_per_user') is not null then
		drop index if exists {ns}.unique_verified_phone_factor;
	else
		alter index if exists {ns}.unique_verified_phone_factor rename to unique_phone_factor_per_user;
	end if;
end
$$;

-- step: 20241009103726 factors of type webauthn
alter table {ns}.mfa_factors
	add column if not exists web_authn_credential jsonb null,
	add column if not exists web_authn_aaguid uuid null;
alter table {ns}.mfa_challenges add column if not exists web_authn_session_data jsonb null;
