-- steps of 2023 (contract 03 section 3.3)

-- step: 20230116124310 users.phone and phone_change as text
-- (they stay as they are where views or the table's access method forbid it)
do $$
begin
	if exists (select from pg_attribute where attrelid = '{ns}.users'::regclass and attname in ('phone', 'phone_change')
			and not attisdropped and atttypid <> 'text'::regtype) then
		alter table {ns}.users alter column phone type text, alter column phone_change type text;
	end if;
exception when feature_not_supported or dependent_objects_still_exist or internal_error then
	raise notice 'users.phone and users.phone_change stay varchar(15): %', sqlerrm;
end
$$;

-- step: 20230116124412 users.deleted_at
alter table {ns}.users add column if not exists deleted_at timestamptz null;

-- step: 20230131181311 an identity for each invited user (back-fill C)
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.identities'::regclass and attname = 'provider_id' and not attisdropped) then
		insert into {ns}.identities (id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
			select u.id::text, u.id, jsonb_build_object('sub', u.id, 'email', u.email), 'email', null, '2023-01-25', '2023-01-25'
			from {ns}.users u
			where u.invited_at is not null
			and not exists (select from {ns}.identities i where i.user_id = u.id and i.provider = 'email')
			on conflict do nothing;
	end if;
end
$$;

-- step: 20230322519590 flow_state
do $$
begin
	if to_regtype('{ns}.code_challenge_method') is null then
		create type {ns}.code_challenge_method as enum ('s256', 'plain');
	end if;
	if to_regclass('{ns}.flow_state') is null then
		create table {ns}.flow_state (
			id uuid not null,
			user_id uuid null,
			auth_code text not null,
			code_challenge_method {ns}.code_challenge_method not null,
			code_challenge text not null,
			provider_type text not null,
			provider_access_token text null,
			provider_refresh_token text null,
			created_at timestamptz null,
			updated_at timestamptz null,
			constraint flow_state_pkey primary key (id)
		);
		create index idx_auth_code on {ns}.flow_state (auth_code);
	end if;
end
$$;

-- step: 20230402418590 flow_state.authentication_method
-- (rows that are there are minutes from their end; they were made by sign-ins with a provider for the most part)
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.flow_state'::regclass and attname = 'authentication_method' and not attisdropped) then
		alter table {ns}.flow_state add column authentication_method text not null default 'oauth';
		alter table {ns}.flow_state alter column authentication_method drop default;
	end if;
end
$$;
create index if not exists idx_user_id_auth_method on {ns}.flow_state (user_id, authentication_method);

-- step: 20230411005111 the unique constraint serves for refresh_tokens_token_idx
drop index if exists {ns}.refresh_tokens_token_idx;

-- step: 20230508135423 indexes for the clean-up
create index if not exists refresh_tokens_updated_at_idx on {ns}.refresh_tokens (updated_at desc);
create index if not exists flow_state_created_at_idx on {ns}.flow_state (created_at desc);
create index if not exists saml_relay_states_created_at_idx on {ns}.saml_relay_states (created_at desc);
create index if not exists sessions_not_after_idx on {ns}.sessions (not_after desc);

-- step: 20230523124323 index on mfa_challenges.created_at
create index if not exists mfa_challenge_created_at_idx on {ns}.mfa_challenges (created_at desc);

-- step: 20230818113222 saml_relay_states.flow_state_id
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.saml_relay_states'::regclass and attname = 'flow_state_id' and not attisdropped) then
		alter table {ns}.saml_relay_states
			add column flow_state_id uuid null,
			add constraint saml_relay_states_flow_state_id_fkey foreign key (flow_state_id) references {ns}.flow_state (id) on delete cascade;
	end if;
end
$$;

-- step: 20230914180801 index on mfa_factors.user_id
create index if not exists mfa_factors_user_id_idx on {ns}.mfa_factors (user_id);

-- step: 20231027141322 when, with what and from where a session was refreshed
alter table {ns}.sessions
	add column if not exists refreshed_at timestamp without time zone null,
	add column if not exists user_agent text null,
	add column if not exists ip inet null;

-- step: 20231114161723 sessions.tag
alter table {ns}.sessions add column if not exists tag text null;

-- step: 20231117164230 identities get an id of their own
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.identities'::regclass and attname = 'provider_id' and not attisdropped) then
		alter table {ns}.identities rename column id to provider_id;
		alter table {ns}.identities
			drop constraint identities_pkey,
			add column id uuid not null default gen_random_uuid(),
			add constraint identities_pkey primary key (id),
			add constraint identities_provider_id_provider_unique unique (provider_id, provider);
	end if;
end
$$;
