-- Codes bench-0, bench-1 … of an application, each approved by some user, and a hook that leaves the claims as they are.
insert into auth.oauth_clients (id, client_secret_hash, registration_type, redirect_uris, grant_types, client_type, token_endpoint_auth_method)
values ('be9c0000-0000-4000-8000-000000000001', rtrim(translate(encode(sha256('bench-secret'), 'base64'), '+/', '-_'), '='), 'manual', 'https://a.io/cb',
	'authorization_code,refresh_token', 'confidential', 'client_secret_basic') on conflict (id) do nothing;
delete from auth.oauth_authorizations;
insert into auth.oauth_authorizations (id, authorization_id, client_id, user_id, redirect_uri, scope, code_challenge, code_challenge_method, status,
	authorization_code, created_at, expires_at, approved_at)
select gen_random_uuid(), 'bench-' || n, 'be9c0000-0000-4000-8000-000000000001', u.ids[1 + n % array_length(u.ids, 1)], 'https://a.io/cb', 'email', repeat('v', 43), 'plain',
	'approved', 'bench-' || n, now(), now() + interval '1 day', now()
from generate_series(0, 99999) as n, (select array_agg(id) as ids from auth.users) as u;
analyze auth.oauth_authorizations;
create or replace function public.bench_claims(event jsonb) returns jsonb language sql as $$ select jsonb_build_object('claims', event -> 'claims' || '{"bench":true}') $$;
grant usage on schema public to supabase_auth_admin;
grant execute on function public.bench_claims to supabase_auth_admin;
