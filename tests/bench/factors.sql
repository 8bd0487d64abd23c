-- 30,000 users with a session, a TOTP factor and an open challenge each (codes are accepted once); 256 of them with a passkey under :key, and
-- 100,000 open challenges of passkeys. Ids follow from the number.
insert into auth.users (id, instance_id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
select public.bench_id(1, n), '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', 'bench-factor-' || n || '@example.com', '', now(), '{"provider":"email","providers":["email"]}', '{}', now(), now()
from generate_series(0, 29999) n on conflict do nothing;
insert into auth.sessions (id, user_id, aal, created_at, updated_at) select public.bench_id(2, n), public.bench_id(1, n), 'aal1', now(), now() from generate_series(0, 29999) n;
insert into auth.refresh_tokens (token, user_id, session_id, revoked, created_at, updated_at, instance_id)
select 'bench-factor-' || n, public.bench_id(1, n)::text, public.bench_id(2, n), false, now(), now(), '00000000-0000-0000-0000-000000000000' from generate_series(0, 29999) n;
insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, secret, created_at, updated_at)
select public.bench_id(3, n), public.bench_id(1, n), 'bench', 'totp', 'verified', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', now(), now() from generate_series(0, 29999) n;
insert into auth.mfa_challenges (id, factor_id, ip_address, otp_code, created_at)
select public.bench_id(4, n), public.bench_id(3, n), '127.0.0.1', '', now() from generate_series(0, 29999) n;
insert into auth.webauthn_credentials (id, user_id, credential_id, public_key, attestation_type, aaguid, sign_count, transports, backup_eligible, backed_up, friendly_name)
select public.bench_id(5, n), public.bench_id(1, n), int4send(n), decode(:'key', 'hex'), 'none', '00000000-0000-0000-0000-000000000000', 0, '[]', false, false, 'bench' from generate_series(0, 255) n;
insert into auth.webauthn_challenges (id, challenge_type, session_data, expires_at)
select public.bench_id(6, n), 'authentication', jsonb_build_object('challenge', 'bench-' || n, 'rpId', 'localhost', 'user_id', null, 'expires', '0001-01-01T00:00:00Z', 'userVerification', 'preferred'), now() + interval '1 day'
from generate_series(0, 99999) n;
analyze auth.users, auth.sessions, auth.refresh_tokens, auth.mfa_factors, auth.mfa_challenges, auth.webauthn_credentials, auth.webauthn_challenges;
