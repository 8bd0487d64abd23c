-- steps: the schema's first form (00) and those of 2021 (contract 03 section 3.3)

-- step: 00 users, refresh_tokens, instances, audit_log_entries, schema_migrations, uid(), role()
do $$
begin
	if to_regclass('{ns}.users') is null then
		create table {ns}.users (
			instance_id uuid null,
			id uuid not null,
			aud varchar(255) null,
			"role" varchar(255) null,
			email varchar(255) null,
			encrypted_password varchar(255) null,
			confirmed_at timestamptz null,
			invited_at timestamptz null,
			confirmation_token varchar(255) null,
			confirmation_sent_at timestamptz null,
			recovery_token varchar(255) null,
			recovery_sent_at timestamptz null,
			email_change_token varchar(255) null,
			email_change varchar(255) null,
			email_change_sent_at timestamptz null,
			last_sign_in_at timestamptz null,
			raw_app_meta_data jsonb null,
			raw_user_meta_data jsonb null,
			is_super_admin boolean null,
			created_at timestamptz null,
			updated_at timestamptz null,
			constraint users_pkey primary key (id),
			constraint users_email_key unique (email)
		);
		create index users_instance_id_email_idx on {ns}.users (instance_id, email);
		create index users_instance_id_idx on {ns}.users (instance_id);
		comment on table {ns}.users is 'Auth: Stores user login data within a secure schema.';
	end if;

	if to_regclass('{ns}.refresh_tokens') is null then
		create table {ns}.refresh_tokens (
			instance_id uuid null,
			id bigserial not null,
			token varchar(255) null,
			user_id varchar(255) null,
			revoked boolean null,
			created_at timestamptz null,
			updated_at timestamptz null,
			constraint refresh_tokens_pkey primary key (id)
		);
		create index refresh_tokens_instance_id_idx on {ns}.refresh_tokens (instance_id);
		create index refresh_tokens_instance_id_user_id_idx on {ns}.refresh_tokens (instance_id, user_id);
		create index refresh_tokens_token_idx on {ns}.refresh_tokens (token);
		comment on table {ns}.refresh_tokens is 'Auth: Store of tokens used to refresh JWT tokens once they expire.';
	end if;

	if to_regclass('{ns}.instances') is null then
		create table {ns}.instances (
			id uuid not null,
			uuid uuid null,
			raw_base_config text null,
			created_at timestamptz null,
			updated_at timestamptz null,
			constraint instances_pkey primary key (id)
		);
		comment on table {ns}.instances is 'Auth: Manages users across multiple sites.';
	end if;

	if to_regclass('{ns}.audit_log_entries') is null then
		create table {ns}.audit_log_entries (
			instance_id uuid null,
			id uuid not null,
			payload json null,
			created_at timestamptz null,
			constraint audit_log_entries_pkey primary key (id)
		);
		create index audit_logs_instance_id_idx on {ns}.audit_log_entries (instance_id);
		comment on table {ns}.audit_log_entries is 'Auth: Audit trail for user actions.';
	end if;

	if to_regclass('{ns}.schema_migrations') is null then
		create table {ns}.schema_migrations (
			version varchar(255) not null,
			constraint schema_migrations_pkey primary key (version)
		);
	end if;
	comment on table {ns}.schema_migrations is 'Auth: Manages updates to the auth system.';

	if to_regprocedure('{ns}.uid()') is null then
		create function {ns}.uid() returns uuid language sql stable as $body$
			select nullif(current_setting('request.jwt.claim.sub', true), '')::uuid;
		$body$;
	end if;
	if to_regprocedure('{ns}.role()') is null then
		create function {ns}.role() returns text language sql stable as $body$
			select nullif(current_setting('request.jwt.claim.role', true), '')::text;
		$body$;
	end if;
end
$$;

-- step: 20210710035447 phone numbers of users; confirmed_at becomes email_confirmed_at
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.users'::regclass and attname = 'email_confirmed_at' and not attisdropped) then
		alter table {ns}.users rename column confirmed_at to email_confirmed_at;
	end if;
	if not exists (select from pg_attribute where attrelid = '{ns}.users'::regclass and attname = 'phone' and not attisdropped) then
		alter table {ns}.users add column phone varchar(15) null default null, add constraint users_phone_key unique (phone);
	end if;
end
$$;
alter table {ns}.users
	add column if not exists phone_confirmed_at timestamptz null,
	add column if not exists phone_change varchar(15) null default '',
	add column if not exists phone_change_token varchar(255) null default '',
	add column if not exists phone_change_sent_at timestamptz null;

-- step: 20210722035447 users.confirmed_at, generated
alter table {ns}.users
	add column if not exists confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored;

-- step: 20210730183235 the two tokens of a secure e-mail change
do $$
begin
	if not exists (select from pg_attribute where attrelid = '{ns}.users'::regclass and attname = 'email_change_token_new' and not attisdropped) then
		alter table {ns}.users rename column email_change_token to email_change_token_new;
	end if;
	if not exists (select from pg_attribute
			where attrelid = '{ns}.users'::regclass and attname = 'email_change_confirm_status' and not attisdropped) then
		alter table {ns}.users
			add column if not exists email_change_token_current varchar(255) null default '',
			add column email_change_confirm_status smallint null default 0,
			add constraint users_email_change_confirm_status_check
				check (email_change_confirm_status >= 0 and email_change_confirm_status <= 2);
	end if;
end
$$;

-- step: 20210909172000 identities
do $$
begin
	if to_regclass('{ns}.identities') is null then
		create table {ns}.identities (
			id text not null,
			user_id uuid not null,
			identity_data jsonb not null,
			provider text not null,
			last_sign_in_at timestamptz null,
			created_at timestamptz null,
			updated_at timestamptz null,
			constraint identities_pkey primary key (provider, id),
			constraint identities_user_id_fkey foreign key (user_id) references {ns}.users (id) on delete cascade
		);
		comment on table {ns}.identities is 'Auth: Stores identities associated to a user.';
	end if;
end
$$;

-- step: 20210927181326 refresh_tokens.parent
do $$
begin
	if not exists (select from pg_constraint where conrelid = '{ns}.refresh_tokens'::regclass and conname = 'refresh_tokens_token_unique') then
		alter table {ns}.refresh_tokens add constraint refresh_tokens_token_unique unique (token);
	end if;
	if not exists (select from pg_attribute where attrelid = '{ns}.refresh_tokens'::regclass and attname = 'parent' and not attisdropped) then
		alter table {ns}.refresh_tokens
			add column parent varchar(255) null,
			add constraint refresh_tokens_parent_fkey foreign key (parent) references {ns}.refresh_tokens (token);
	end if;
end
$$;
create index if not exists refresh_tokens_parent_idx on {ns}.refresh_tokens (parent);

-- step: 20211122151130 index on identities.user_id
create index if not exists identities_user_id_idx on {ns}.identities (user_id);

-- step: 20211124214934 uid() and role() look at request.jwt.claims too; email()
-- (jwt() comes after the final forms: where it is there, nothing goes back)
do $$
begin
	if to_regprocedure('{ns}.jwt()') is null then
		create or replace function {ns}.uid() returns uuid language sql stable as $body$
			select coalesce(
				current_setting('request.jwt.claim.sub', true),
				(current_setting('request.jwt.claims', true)::jsonb ->> 'sub')
			)::uuid;
		$body$;
		create or replace function {ns}.role() returns text language sql stable as $body$
			select coalesce(
				current_setting('request.jwt.claim.role', true),
				(current_setting('request.jwt.claims', true)::jsonb ->> 'role')
			)::text;
		$body$;
		create or replace function {ns}.email() returns text language sql stable as $body$
			select coalesce(
				current_setting('request.jwt.claim.email', true),
				(current_setting('request.jwt.claims', true)::jsonb ->> 'email')
			)::text;
		$body$;
	end if;
end
$$;

-- step: 20211202183645 uid(): an empty string counts as NULL
do $$
begin
	if to_regprocedure('{ns}.jwt()') is null then
		create or replace function {ns}.uid() returns uuid language sql stable as $body$
			select nullif(coalesce(
				current_setting('request.jwt.claim.sub', true),
				(current_setting('request.jwt.claims', true)::jsonb ->> 'sub')
			), '')::uuid;
		$body$;
	end if;
end
$$;
