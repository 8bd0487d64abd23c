// Hooks: signatures as a receiver that others wrote checks them (standardwebhooks), and endpoints and functions that misbehave (contract 11).
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import http from 'node:http'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { claims, root, serve, sign, wait } from '../api/lib/server.mjs'
import { UNLIMITED, failed } from './lib/provider.mjs'

const secrets = [1, 2].map(() => `v1,whsec_${crypto.randomBytes(24).toString('base64')}`)
const PASSWORD = 'correct horse battery 9'

// An endpoint whose behaviour each test sets.
const endpoint = { calls: [], sockets: new Set(), answer: (response) => json(response, {}) }
const json = (response, value, status = 200) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
const receiver = http.createServer((request, response) => {
  const chunks = []
  endpoint.sockets.add(request.socket)
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const call = { headers: request.headers, text: Buffer.concat(chunks).toString() }
    endpoint.calls.push(call)
    endpoint.answer(response, call.text && JSON.parse(call.text))
  })
})

let server, url, database
before(async () => {
  await new Promise((ready) => receiver.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${receiver.address().port}`
  server = await serve({
    ...UNLIMITED, LATCHKEY_OUTBOUND_WORKERS: '4', LATCHKEY_WORKERS: '2',
    GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_ENABLED: 'true', GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_URI: `${url}/token`, GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_SECRETS: secrets.join('|'),
  })
  database = server.database
})
after(async () => {
  await server?.stop()
  receiver.closeAllConnections()
  receiver.close()
})

let people = 0
const address = () => `hooks-${process.pid}-${++people}@example.com`
const signUp = (at = server) => at.call('POST', '/signup', { json: { email: address(), password: PASSWORD } })
const refresh = (token, at = server) => at.call('POST', '/token?grant_type=refresh_token', { json: { refresh_token: token } })
const echo = (change = {}) => (response, { claims }) => json(response, { claims: { ...claims, ...change } })
async function signedUp() {
  endpoint.answer = echo()
  const { status, body, raw } = await signUp()
  assert.equal(status, 200, raw)
  return body
}

test('every call is signed for every secret, as the receiver of the standard checks it', async () => {
  endpoint.calls.length = 0
  await signedUp()
  const [{ headers, text }] = endpoint.calls
  for (const secret of secrets) assert.equal(new Webhook(secret.slice('v1,'.length)).verify(text, headers).metadata.name, 'customize-access-token')
  assert.throws(() => new Webhook(secrets[0].slice('v1,'.length)).verify(`${text} `, headers))
  assert.throws(() => new Webhook(`whsec_${crypto.randomBytes(24).toString('base64')}`).verify(text, headers))
  for (const secret of secrets) assert.ok(!server.log().includes(secret.slice('v1,whsec_'.length)))
})

test('calls share their connections, and one that was closed is no failure', async () => {
  const { refresh_token } = await signedUp()
  let token = refresh_token
  endpoint.sockets.clear()
  for (let i = 0; i < 30; i++) token = (await refresh(token)).body.refresh_token
  assert.ok(endpoint.sockets.size <= 4, `${endpoint.sockets.size} connections of 4 workers`)
  receiver.closeAllConnections()
  for (let i = 0; i < 8; i++) {
    const answer = await refresh(token)
    assert.equal(answer.status, 200, answer.raw)
    token = answer.body.refresh_token
  }
})

test('an answer of 10 MB is not read to its end', async () => {
  const { refresh_token } = await signedUp(), size = 10 << 20
  for (const announced of [true, false]) {
    let sent = 0
    endpoint.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...(announced && { 'content-length': size }) })
      const chunk = Buffer.alloc(65536, ' ')
      const pour = () => { while (sent < size && !response.destroyed) { sent += chunk.length; if (!response.write(chunk)) return response.once('drain', pour) } response.end() }
      pour()
    }
    failed(await refresh(refresh_token), 422, 'hook_payload_over_size_limit', 'Payload size exceeded size limit of 204800 bytes')
  }
  endpoint.answer = echo()
  assert.equal((await refresh(refresh_token)).status, 200, 'the token is still good')
})

test('slow endpoints end at 5 s in all, and keep nobody else waiting', async () => {
  const slow = [await signedUp(), await signedUp(), await signedUp()], other = await signedUp()
  endpoint.answer = (response) => { // byte by byte, for ever
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => response.write(' '), 200)
    response.on('close', () => clearInterval(timer))
  }
  const began = performance.now(), waiting = slow.map(({ refresh_token }) => refresh(refresh_token))
  await wait(300)
  for (let i = 0; i < 20; i++) {
    const at = performance.now()
    assert.equal((await server.call('GET', '/user', { bearer: other.access_token })).status, 200)
    assert.ok(performance.now() - at < 1000, `a fast request took ${performance.now() - at} ms`)
  }
  for (const answer of await Promise.all(waiting)) failed(answer, 500, 'unexpected_failure', `Error running hook URI: ${url}/token`)
  assert.ok(performance.now() - began < 7500, `${performance.now() - began} ms`)
  endpoint.answer = () => {} // nothing at all
  failed(await refresh(slow[0].refresh_token), 422, 'hook_timeout', 'Failed to reach hook within maximum time of 5.000000 seconds')
})

test('claims of wrong types, or none, make no token; the session does not change', async () => {
  const { refresh_token, user } = await signedUp()
  for (const change of [{ sub: 5 }, { aud: null }, { role: ['service_role'] }, { exp: '1' }, { session_id: undefined }, { app_metadata: [] }, { amr: [1] }]) {
    endpoint.answer = echo(change)
    const answer = await refresh(refresh_token)
    assert.equal(answer.status, 500, JSON.stringify(change))
    assert.match(answer.body.msg, /^output claims do not conform to the expected schema: \n- /)
  }
  for (const answer of [{}, { Claims: {} }, { claims: 5 }, { claims: null }, 'x', []]) {
    endpoint.answer = (response) => json(response, answer)
    assert.equal((await refresh(refresh_token)).status, 500, JSON.stringify(answer))
  }
  assert.equal(await database.value(`select count(*) from auth.refresh_tokens where user_id = '${user.id}'`), '1')
})

test("somebody else's name in the claims opens nobody's session", async () => {
  const victim = await signedUp(), thief = await signedUp()
  endpoint.answer = echo({ sub: victim.user.id })
  const { body } = await refresh(thief.refresh_token)
  failed(await server.call('GET', '/user', { bearer: body.access_token }), 403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
})

test('a malformed refusal refuses', async () => {
  const { refresh_token } = await signedUp()
  for (const error of [{ http_code: 403 }, { message: '' }, 'no', [], true, { message: 5 }]) {
    endpoint.answer = (response, { claims }) => json(response, { error, claims })
    const answer = await refresh(refresh_token)
    assert.equal(answer.status, 500, JSON.stringify(error))
    assert.equal(answer.body.access_token, undefined)
  }
})

test('redirects are not followed', async () => {
  const { refresh_token } = await signedUp()
  for (const status of [301, 302, 307, 308]) {
    endpoint.calls.length = 0
    endpoint.answer = (response) => response.writeHead(status, { location: `${url}/elsewhere` }).end()
    failed(await refresh(refresh_token), 500, 'unexpected_failure', `Unexpected status code returned from hook: ${status}`)
    assert.equal(endpoint.calls.length, 1)
  }
})

test('database functions that raise, sleep or return rubbish', async () => {
  await database.sql(`create or replace function public.misbehave(event jsonb) returns text language plpgsql as $$
    declare how text := event->'claims'->'user_metadata'->>'how';
    begin
      if how = 'raise' then raise exception 'boom' using detail = 'd'; end if;
      if how = 'sleep' then perform pg_sleep(10); end if;
      if how = 'null' then return null; end if;
      if how in ('{', '5', '[]', '{"claims":5}', '{"claims":{}}') then return how; end if;
      return jsonb_build_object('claims', event->'claims')::text;
    end $$; grant usage on schema public to supabase_auth_admin; grant execute on function public.misbehave to supabase_auth_admin`)
  const functions = await serve({ ...UNLIMITED, GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_ENABLED: 'true', GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_URI: 'pg-functions://postgres/public/misbehave' }, { database })
  try {
    const { body: person } = await signUp(functions), admin = sign({ role: 'service_role' })
    let token = person.refresh_token
    const ask = async (how) => {
      await functions.call('PUT', `/admin/users/${person.user.id}`, { bearer: admin, json: { user_metadata: { how } } })
      return refresh(token, functions)
    }
    const began = performance.now()
    failed(await ask('sleep'), 500, 'unexpected_failure', 'Error running hook URI: pg-functions://postgres/public/misbehave')
    assert.ok(performance.now() - began < 3500)
    assert.deepEqual((await ask('raise')).body, { code: 'P0001', message: 'boom', detail: 'd' })
    for (const how of ['{', '5', '[]', '{"claims":5}']) failed(await ask(how), 500, 'unexpected_failure', 'Error unmarshaling JSON output.')
    for (const how of ['null', '{"claims":{}}']) assert.equal((await ask(how)).status, 500, how)
    const good = await ask('well')
    assert.equal(good.status, 200, good.raw)
    assert.equal(claims(good.body.access_token).user_metadata.how, 'well')
    token = good.body.refresh_token
    assert.equal(await database.value(`select count(*) from auth.refresh_tokens where user_id = '${person.user.id}'`), '2', 'what failed left nothing behind')
  } finally { await functions.stop() }
})

test('a refusal is passed on whole, and the log tells of it', async () => {
  const { refresh_token } = await signedUp()
  endpoint.answer = (response) => json(response, { error: { http_code: 403, message: 'not\u0000you' } })
  const answer = await refresh(refresh_token)
  assert.deepEqual([answer.status, answer.body.msg], [403, 'not\u0000you'])
  const entry = server.log().split('\n').filter((line) => line.includes('Hook errored out')).map((line) => JSON.parse(line)).at(-1)
  assert.deepEqual([entry.level, entry.action, entry.hook, entry.success], ['warning', 'run_hook', `${url}/token`, false])
  assert.match(entry.error, /refused/)
})

test("a function runs with the operator's settings, what follows it with ours", async () => {
  const shown = "current_setting('statement_timeout') || ' ' || current_setting('plan_cache_mode') || ' ' || current_setting('enable_seqscan') || ' ' || current_setting('jit')"
  await database.sql(`create or replace function public.settings_seen(event jsonb) returns jsonb language plpgsql as $$ begin
      if event ? 'valid' then return jsonb_build_object('decision', 'reject', 'message', ${shown}); end if;
      return jsonb_build_object('claims', event->'claims' || jsonb_build_object('seen', ${shown}));
    end $$; grant execute on function public.settings_seen to supabase_auth_admin;
    create table public.settings_after (seen text); grant all on public.settings_after to supabase_auth_admin;
    create function public.settings_noted() returns trigger language plpgsql as $$ begin insert into public.settings_after values (${shown}); return new; end $$;
    create trigger noted after update of refreshed_at on auth.sessions for each row execute function public.settings_noted();
    alter role supabase_auth_admin in database ${database.name} set plan_cache_mode = force_custom_plan`)
  const hook = (name) => ({ [`GOTRUE_HOOK_${name}_ENABLED`]: 'true', [`GOTRUE_HOOK_${name}_URI`]: 'pg-functions://postgres/public/settings_seen' })
  try {
    for (const [prepare, after] of [['on', '0 force_generic_plan off off'], ['off', '0 force_custom_plan on on']]) {
      const functions = await serve({ ...UNLIMITED, ...hook('CUSTOM_ACCESS_TOKEN'), ...hook('PASSWORD_VERIFICATION_ATTEMPT'), LATCHKEY_DB_PREPARE: prepare, LATCHKEY_WORKERS: '1' }, { database })
      try {
        const { body: person, raw } = await signUp(functions)
        assert.equal(claims(person.access_token).seen, '2s force_custom_plan on on', raw)
        const { body } = await refresh(person.refresh_token, functions)
        assert.equal(claims(body.access_token).seen, '2s force_custom_plan on on')
        assert.equal(await database.value('select string_agg(distinct seen, $$,$$) from public.settings_after'), after)
        const login = await functions.call('POST', '/token?grant_type=password', { json: { email: person.user.email, password: PASSWORD } })
        assert.equal(login.body.msg, '2s force_custom_plan on on')
        await database.sql('truncate public.settings_after')
      } finally { await functions.stop() }
    }
  } finally { await database.sql(`drop trigger noted on auth.sessions; alter role supabase_auth_admin in database ${database.name} reset plan_cache_mode`) }
})

test('a function that fails to send the code of a factor is told of in one text', async () => {
  await database.sql(`create or replace function public.no_sms(event jsonb) returns jsonb language plpgsql as $$ begin raise exception 'boom'; end $$;
    grant execute on function public.no_sms to supabase_auth_admin`)
  const functions = await serve({ ...UNLIMITED, GOTRUE_MFA_PHONE_ENROLL_ENABLED: 'true', GOTRUE_MFA_PHONE_VERIFY_ENABLED: 'true',
    GOTRUE_HOOK_SEND_SMS_ENABLED: 'true', GOTRUE_HOOK_SEND_SMS_URI: 'pg-functions://postgres/public/no_sms' }, { database })
  try {
    const { body: { access_token: bearer } } = await signUp(functions)
    const { body: factor } = await functions.call('POST', '/factors', { bearer, json: { factor_type: 'phone', phone: '+15551230199' } })
    failed(await functions.call('POST', `/factors/${factor.id}/challenge`, { bearer, json: {} }), 500, 'unexpected_failure', 'error invoking hook')
  } finally { await functions.stop() }
})

test('latchkey hook tries a hook and says what comes of it', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'hook-')), 'env'), program = join(process.env.BUILD_DIR ?? join(root, 'build'), 'latchkey')
  writeFileSync(file, Object.entries(server.env).map(([name, value]) => `${name}='${value}'\n`).join('') + `GOTRUE_HOOK_PASSWORD_VERIFICATION_ATTEMPT_URI='pg-functions://postgres/public/counts'\n`, { mode: 0o600 })
  await database.sql(`create table public.counted (at timestamptz); create function public.counts(event jsonb) returns jsonb language plpgsql security definer as $$
    begin insert into public.counted values (now()); return '{"decision":"reject","message":"too often"}'; end $$; grant execute on function public.counts to supabase_auth_admin`)
  const run = (...args) => {
    try { return execFileSync(program, ['hook', ...args, '-c', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) } catch (error) { return `${error.stdout}status ${error.status}` }
  }
  assert.match(run(), /customize-access-token +on +http/)
  const tried = run('test', 'password_verification_attempt')
  assert.match(tried, /"user_id":/)
  assert.match(tried, /"decision": ?"reject"/)
  assert.match(tried, /outcome: the attempt is rejected with "too often"/)
  assert.equal(await database.value('select count(*) from public.counted'), '0', 'what it wrote is rolled back')
  assert.match(run('test', 'send-email'), /status 1/)
  assert.match(run('test', 'no-such-hook'), /status 1/)
})
