// Sessions and tokens: the plain refresh does what the general one does, and where we are safer on purpose (docs/differences.md).
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { serve, sign, claims, wait } from './lib/server.mjs'

const PASSWORD = 'correct horse battery 9', VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const UNLIMITED = { GOTRUE_RATE_LIMIT_HEADER: 'X-Never-Sent' }
const servers = {}
before(async () => {
  servers.plain = await serve(UNLIMITED)
  servers.tolerant = await serve({ ...UNLIMITED, GOTRUE_SECURITY_REFRESH_TOKEN_REUSE_INTERVAL: '60' }, { database: servers.plain.database })
  servers.v2 = await serve({ ...UNLIMITED, GOTRUE_SECURITY_REFRESH_TOKEN_REUSE_INTERVAL: '60', GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION: '2' }, { database: servers.plain.database })
})
after(async () => { for (const server of Object.values(servers)) await server.stop() })

let number = 0
async function person(server, data) {
  const { status, body } = await server.call('POST', '/signup', { json: { email: `sessions-${++number}@example.com`, password: PASSWORD, data } })
  assert.equal(status, 200)
  return { token: body.refresh_token, access: body.access_token, user: body.user.id, session: claims(body.access_token).session_id }
}
const refresh = (server, token) => server.call('POST', '/token?grant_type=refresh_token', { json: { refresh_token: token } })
async function refreshed(server, token) {
  const { status, body, raw } = await refresh(server, token)
  assert.equal(status, 200, raw)
  return body.refresh_token
}
async function alreadyUsed(server, token) {
  const { status, body, raw } = await refresh(server, token)
  assert.deepEqual([status, body.error_code], [400, 'refresh_token_already_used'], raw)
}
const sql = (text) => servers.plain.database.sql(text)
const value = (text) => servers.plain.database.value(text)

test('the plain refresh and the general one leave the same behind', async () => {
  const trace = async ({ token, user, session }) => {
    const next = await refreshed(servers.plain, token)
    return {
      tokens: await sql(`select token = '${next}', parent = '${token}', revoked, user_id = '${user}', instance_id from auth.refresh_tokens where session_id = '${session}' order by id`),
      entries: await sql(`select payload->>'action', payload->>'log_type', payload->>'actor_id' = '${user}', payload->>'actor_via_sso', ip_address, instance_id,
        (select string_agg(key, ',') from json_object_keys(payload) key) from auth.audit_log_entries where payload->>'actor_id' = '${user}' and payload->>'log_type' = 'token' order by 1`),
      session: await sql(`select refreshed_at is not null, abs(extract(epoch from refreshed_at - updated_at at time zone 'UTC')) < 1, user_agent, ip from auth.sessions where id = '${session}'`),
      user: await sql(`select updated_at > last_sign_in_at from auth.users where id = '${user}'`),
    }
  }
  const plain = await trace(await person(servers.plain, { full_name: 'Ann Ünique' }))
  const general = await trace(await person(servers.plain, { full_name: 'Ann <b> & "c"' }))
  assert.deepEqual(plain, general)
  assert.equal(plain.entries.length, 2)
})

test('audit entries of a refresh are written byte for byte as the others', async () => {
  for (const name of ['Ann', 'Jos\u00e9 \u7530', 'a"b\\c', '<>&', 'line\u2028end', 'tab\there']) {
    const { token, user } = await person(servers.plain, { full_name: name })
    await refreshed(servers.plain, token)
    const texts = (await sql(`select replace(replace(payload::text, 'token_refreshed', 'X'), 'token_revoked', 'X') from auth.audit_log_entries where payload->>'actor_id' = '${user}' and payload->>'log_type' = 'token'`)).flat()
    const login = await value(`select replace(replace(replace(payload::text, '"login"', '"X"'), '"account"', '"token"'), ',"traits":{"provider":"email"}', '') from auth.audit_log_entries where payload->>'actor_id' = '${user}' and payload->>'action' = 'login'`)
    assert.deepEqual(texts, [login, login], name)
  }
})

test('the log lines of a plain refresh carry the ids of its rows', async () => {
  const { token, user } = await person(servers.plain)
  await refreshed(servers.plain, token)
  const ids = (await sql(`select id from auth.audit_log_entries where payload->>'actor_id' = '${user}' and payload->>'log_type' = 'token' order by 1`)).flat()
  await wait(50)
  const logged = servers.plain.log().split('\n').filter((line) => line.includes('audit_event') && line.includes(user) && line.includes('"log_type":"token"'))
    .map((line) => JSON.parse(line).auth_audit_event.audit_log_id).sort()
  assert.deepEqual(logged, ids)
})

test('twenty refreshes at once with one token give one successor', async () => {
  const { token, session } = await person(servers.plain)
  const answers = await Promise.all(Array.from({ length: 20 }, () => refreshed(servers.plain, token)))
  assert.equal(new Set(answers).size, 1)
  assert.equal(await value(`select count(*) from auth.refresh_tokens where session_id = '${session}'`), '2')
})

test('a session of somebody else is no session', async () => {
  const ann = await person(servers.plain), bob = await person(servers.plain)
  const { status, body } = await servers.plain.call('GET', '/user', { bearer: sign({ sub: ann.user, session_id: bob.session, role: 'authenticated' }) })
  assert.deepEqual([status, body.error_code], [403, 'session_not_found'])
})

async function code(user) {
  const auth = crypto.randomUUID()
  await sql(`insert into auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge, provider_type, provider_access_token, provider_refresh_token, created_at, updated_at, authentication_method)
    values (gen_random_uuid(), '${user}', '${auth}', 's256', '${CHALLENGE}', 'magiclink', '', '', now(), now(), 'magiclink')`)
  return auth
}
const exchange = (auth) => servers.plain.call('POST', '/token?grant_type=pkce', { json: { auth_code: auth, code_verifier: VERIFIER } })

test('of many exchanges of one code at once one succeeds', async () => {
  const { user } = await person(servers.plain), auth = await code(user)
  const answers = await Promise.all(Array.from({ length: 12 }, () => exchange(auth)))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(11).fill(404)])
  assert.equal(await value(`select count(*) from auth.sessions where user_id = '${user}'`), '2')
})

test('a banned user cannot exchange a code, which stays', async () => {
  const { user } = await person(servers.plain), auth = await code(user)
  await sql(`update auth.users set banned_until = now() + interval '1 hour' where id = '${user}'`)
  const { status, body } = await exchange(auth)
  assert.deepEqual([status, body.error_code], [403, 'user_banned'])
  assert.equal(await value(`select count(*) from auth.flow_state where auth_code = '${auth}'`), '1')
})

test('what was revoked as stolen mints nothing, whatever the reuse interval', async () => {
  const { token, session } = await person(servers.tolerant)
  const second = await refreshed(servers.tolerant, token), third = await refreshed(servers.tolerant, second)
  await sql(`update auth.refresh_tokens set updated_at = now() - interval '2 minutes' where token = '${token}'`)
  await alreadyUsed(servers.tolerant, token)
  await alreadyUsed(servers.tolerant, third)
  await alreadyUsed(servers.tolerant, second)
  assert.equal(await value(`select count(*) from auth.refresh_tokens where session_id = '${session}'`), '3')
})

test('within the interval an older token of the same level mints a further one', async () => {
  const { token } = await person(servers.tolerant)
  const second = await refreshed(servers.tolerant, token), third = await refreshed(servers.tolerant, second)
  const other = await refreshed(servers.tolerant, token)
  assert.notEqual(other, third)
  await refreshed(servers.tolerant, third)
})

const secondFactor = (session) => sql(`insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method) values (gen_random_uuid(), '${session}', now(), now(), 'totp');
  update auth.sessions set aal = 'aal2' where id = '${session}'`)

test('version 1: of the tokens from before the second factor only the last leads on, and to the newest', async () => {
  const { token, user, session } = await person(servers.tolerant)
  const second = await refreshed(servers.tolerant, token), beside = await refreshed(servers.tolerant, second), third = await refreshed(servers.tolerant, token)
  const fourth = crypto.randomBytes(6).toString('hex')
  await secondFactor(session)
  await sql(`update auth.refresh_tokens set revoked = true, updated_at = now() where token = '${third}';
    insert into auth.refresh_tokens (instance_id, token, user_id, parent, revoked, session_id, created_at, updated_at)
    values ('00000000-0000-0000-0000-000000000000', '${fourth}', '${user}', '${third}', false, '${session}', now(), now());
    insert into latchkey.session_levels (session_id, token_id, raised_at) select '${session}', id, now() from auth.refresh_tokens where token = '${fourth}'`)
  assert.equal(await refreshed(servers.tolerant, third), fourth)
  for (const older of [token, second, beside]) await alreadyUsed(servers.tolerant, older)
  assert.equal(await value(`select revoked from auth.refresh_tokens where token = '${beside}'`), 'f')
  const fifth = await refreshed(servers.tolerant, fourth)
  await alreadyUsed(servers.tolerant, third)
  await refreshed(servers.tolerant, fifth)
})

test('version 2: the same', async () => {
  const { token, session } = await person(servers.v2)
  const second = await refreshed(servers.v2, token)
  await secondFactor(session)
  await sql(`update auth.sessions set refresh_token_counter = 3 where id = '${session}'; insert into latchkey.session_levels (session_id, counter, raised_at) values ('${session}', 3, now())`)
  const third = await refreshed(servers.v2, second)
  assert.equal(await refreshed(servers.v2, second), third)
  await alreadyUsed(servers.v2, token)
  const fourth = await refreshed(servers.v2, third)
  await alreadyUsed(servers.v2, second)
  assert.equal(await refreshed(servers.v2, third), fourth)
  assert.equal(await value(`select count(*) from auth.sessions where id = '${session}'`), '1')
})

// 03 section 13: what we clean up besides must not move the turns.
test('clean-up keeps the turns of the chapter with the OAuth server on', async () => {
  const server = await serve({ ...UNLIMITED, GOTRUE_DB_CLEANUP_ENABLED: 'true', GOTRUE_OAUTH_SERVER_ENABLED: 'true' }, { database: servers.plain.database })
  try {
    await sql(`insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at)
        values ('00000000-0000-0000-0000-000000000000', 'stale1234567', gen_random_uuid(), true, now() - interval '2 days', now() - interval '2 days');
      insert into auth.oauth_clients (id, client_secret_hash, registration_type, redirect_uris, grant_types, token_endpoint_auth_method)
        values ('11111111-1111-4111-8111-111111111111', '', 'manual', 'https://a.example', 'authorization_code', 'none');
      insert into auth.oauth_authorizations (id, authorization_id, client_id, redirect_uri, scope, created_at, expires_at)
        values (gen_random_uuid(), 'stale', '11111111-1111-4111-8111-111111111111', 'https://a.example', '', now() - interval '3 days', now() - interval '2 days')`)
    const left = async () => (await sql(`select (select count(*) from auth.refresh_tokens where token = 'stale1234567'), (select count(*) from auth.oauth_authorizations)`))[0].map(Number)
    const write = async (times) => { for (let i = 0; i < times; i++) assert.equal((await server.call('POST', '/signup', { json: {} })).status, 200) }
    await write(5) // numbers 1 to 5
    assert.deepEqual(await left(), [1, 0])
    await write(4) // 6 to 8, anonymous users
    assert.deepEqual(await left(), [1, 0])
    await write(1) // number 0
    assert.deepEqual(await left(), [0, 0])
  } finally {
    await server.stop()
  }
})

// 04 section 4: a header comes once what it tells of has happened, not before.
test('sb-auth headers of answers to writes that failed', async () => {
  const names = ['user-id', 'session-id', 'refresh-token-prefix', 'refresh-token-counter', 'refresh-token-reuse']
  const told = ({ headers }) => names.filter((name) => headers.get(`sb-auth-${name}`) !== null)
  const cases = [
    ['audit_log_entries', [], ['user-id', 'session-id'], ['user-id', 'session-id', 'refresh-token-counter', 'refresh-token-reuse']],
    ['sessions', ['user-id'], undefined, undefined],
    ['refresh_tokens', ['user-id', 'session-id'], ['user-id', 'session-id'], undefined],
  ]
  await sql(`create function auth.refuse() returns trigger language plpgsql as $f$ begin raise exception 'refused'; end $f$`)
  const one = await person(servers.plain), two = await person(servers.v2), email = await value(`select email from auth.users where id = '${one.user}'`)
  for (const [table, login, refresh1, refresh2] of cases) {
    await sql(`create trigger refuse before insert on auth.${table} for each row execute function auth.refuse()`)
    const answers = [[login, await servers.plain.call('POST', '/token?grant_type=password', { json: { email, password: PASSWORD } })]]
    if (refresh1) answers.push([refresh1, await refresh(servers.plain, one.token)])
    if (refresh2) answers.push([refresh2, await refresh(servers.v2, two.token)])
    await sql(`drop trigger refuse on auth.${table}`)
    for (const [expected, answer] of answers) assert.deepEqual([answer.status, told(answer)], [500, expected], table)
  }
  await sql('drop function auth.refuse()')
})
