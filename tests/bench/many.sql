-- 100,000 users with an identity and a session each, two refresh tokens a session, and two entries of the audit log a user.
insert into auth.users (id, instance_id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
select public.bench_id(9, n), '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', 'bench-many-' || n || '@example.com', '', now(),
	'{"provider":"email","providers":["email"]}', '{}', now(), now() from generate_series(1, 100000) n;
insert into auth.identities (id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
select public.bench_id(10, n), public.bench_id(9, n)::text, public.bench_id(9, n), jsonb_build_object('sub', public.bench_id(9, n), 'email', 'bench-many-' || n || '@example.com'),
	'email', now(), now(), now() from generate_series(1, 100000) n;
insert into auth.sessions (id, user_id, aal, created_at, updated_at) select public.bench_id(11, n), public.bench_id(9, n), 'aal1', now(), now() from generate_series(1, 100000) n;
insert into auth.refresh_tokens (token, user_id, session_id, revoked, created_at, updated_at, instance_id)
select format('bench-many-%s-%s', n, k), public.bench_id(9, n)::text, public.bench_id(11, n), k = 1, now(), now(), '00000000-0000-0000-0000-000000000000'
from generate_series(1, 100000) n, generate_series(1, 2) k;
insert into auth.audit_log_entries (id, instance_id, payload, created_at, ip_address)
select gen_random_uuid(), '00000000-0000-0000-0000-000000000000', json_build_object('action', 'token_refreshed', 'actor_id', public.bench_id(9, n), 'log_type', 'token'), now(), ''
from generate_series(1, 100000) n, generate_series(1, 2) k;
vacuum analyze auth.users, auth.identities, auth.sessions, auth.refresh_tokens, auth.audit_log_entries;
