// Many at once: what a provider publishes is fetched by one worker for all, and a provider that never answers takes nobody else's time.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve, wait } from '../api/lib/server.mjs'
import { stub, rsaKey, idToken } from './lib/stub.mjs'

const WORKERS = 6, QUEUE = 8
let server, realm, github, number = 0
const first = rsaKey('first')

before(async () => {
  realm = await stub({})
  github = await stub({ '/login/oauth/access_token': null })
  server = await serve({
    GOTRUE_EXTERNAL_KEYCLOAK_ENABLED: 'true', GOTRUE_EXTERNAL_KEYCLOAK_CLIENT_ID: 'client', GOTRUE_EXTERNAL_KEYCLOAK_SECRET: 'secret',
    GOTRUE_EXTERNAL_KEYCLOAK_REDIRECT_URI: 'http://127.0.0.1/callback', GOTRUE_EXTERNAL_KEYCLOAK_URL: realm.url,
    GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true', GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: 'client', GOTRUE_EXTERNAL_GITHUB_SECRET: 'secret',
    GOTRUE_EXTERNAL_GITHUB_REDIRECT_URI: 'http://127.0.0.1/callback', GOTRUE_EXTERNAL_GITHUB_URL: github.url,
    LATCHKEY_OUTBOUND_WORKERS: String(WORKERS), LATCHKEY_OUTBOUND_QUEUE: String(QUEUE), GOTRUE_API_MAX_REQUEST_DURATION: '6s',
    GOTRUE_RATE_LIMIT_HEADER: 'X-Never-Sent', GOTRUE_EXTERNAL_OIDC_PROVIDER_CACHE_TTL: '1h',
  })
})
after(async () => { await server?.stop(); for (const one of [realm, github]) await one?.close() })

const slowly = (body, ms = 300) => async () => { await wait(ms); return body }
const fetched = (path) => realm.asked.filter((one) => one.path === path).length
const grant = (key, at = server) => at.call('POST', '/token?grant_type=id_token', { json: { provider: 'keycloak',
  id_token: idToken(key, { iss: realm.url, aud: 'client', sub: `s${++number}`, email: `s${number}@corp.io`, email_verified: true }) } })
const together = (count, what) => Promise.all(Array.from({ length: count }, what))
const publish = (...keys) => Object.assign(realm.routes, {
  '/.well-known/openid-configuration': slowly({ issuer: realm.url, authorization_endpoint: `${realm.url}/a`, token_endpoint: `${realm.url}/t`, jwks_uri: `${realm.url}/jwks` }),
  '/jwks': slowly({ keys: keys.map((key) => key.jwk) }),
})

test('document and keys are fetched once for all who want them at once', async () => {
  publish(first)
  const answers = await together(WORKERS, () => grant(first))
  assert.deepEqual(answers.map((answer) => answer.status), Array(WORKERS).fill(200), answers.map((answer) => answer.raw).join())
  assert.deepEqual([fetched('/.well-known/openid-configuration'), fetched('/jwks')], [1, 1])
})

test('a new key is fetched once for all who bring it at once', async () => {
  const second = rsaKey('second')
  publish(first, second)
  const before = fetched('/jwks'), answers = await together(WORKERS, () => grant(second))
  assert.deepEqual(answers.map((answer) => answer.status), Array(WORKERS).fill(200), answers.map((answer) => answer.raw).join())
  assert.equal(fetched('/jwks') - before, 1)
})

test('a key that nobody publishes is looked for once', async () => {
  const before = fetched('/jwks'), answers = await together(WORKERS, () => grant(rsaKey('nobody')))
  assert.deepEqual(answers.map((answer) => answer.body.error_description), Array(WORKERS).fill('Bad ID token'))
  assert.equal(fetched('/jwks') - before, 1)
})

test('a reload drops what was discovered', async (t) => {
  publish(first)
  const watched = mkdtempSync(join(tmpdir(), 'watched-')), documents = () => fetched('/.well-known/openid-configuration')
  const other = await serve({ ...server.env, GOTRUE_RELOADING_GRACE_PERIOD_INTERVAL: '100ms' }, { database: server.database, watched })
  t.after(() => other.stop())
  const sign = async () => assert.equal((await grant(first, other)).status, 200)
  await sign()
  const before = documents()
  await sign()
  assert.equal(documents(), before)
  writeFileSync(join(watched, '10.env'), 'GOTRUE_DISABLE_SIGNUP=false\n')
  for (const until = Date.now() + 8000; !/reloading api with new configuration/.test(other.log()); await wait(20)) assert.ok(Date.now() < until, other.log())
  await sign()
  await sign()
  assert.equal(documents(), before + 1)
})

test('what does not come for one is not waited for by the next', async () => {
  await server.database.sql('delete from latchkey.oidc_documents')
  realm.routes['/.well-known/openid-configuration'] = slowly({ raw: true, status: 503, body: '' }, 2000)
  const before = fetched('/.well-known/openid-configuration'), began = performance.now()
  const answers = await together(WORKERS, () => grant(first))
  assert.deepEqual(answers.map((answer) => answer.status), Array(WORKERS).fill(500), answers.map((answer) => answer.raw).join())
  assert.equal(fetched('/.well-known/openid-configuration') - before, 1)
  assert.ok(performance.now() - began < 4000, 'the others did not ask one after the other')
})

// ---- a provider that never answers ----------------------------------------------------------------------------------------------------------------------

const RATE = 200, SECONDS = 4
test(`beside a provider that never answers ${RATE} refreshes a second are served, and sign-ins beyond the queue told at once`, async (t) => {
  const people = await together(RATE * SECONDS, async () => (await server.call('POST', '/signup', { json: {} })).body)
  const states = await together(WORKERS + QUEUE + 40, async () =>
    new URL((await server.call('GET', '/authorize?provider=github')).headers.get('location')).searchParams.get('state'))
  const callback = async (state) => {
    const began = performance.now(), answer = await server.call('GET', `/callback?state=${state}&code=abcdef`)
    return { ...answer, took: performance.now() - began }
  }
  const waiting = states.slice(0, WORKERS).map(callback)
  while (github.asked.length < WORKERS) await wait(10) // all workers of the lane wait for the provider
  const beyond = states.slice(WORKERS).map(callback)
  const began = performance.now(), times = []
  const refresh = async (person, at) => {
    await wait(began + at * 1000 / RATE - performance.now())
    const start = performance.now(), answer = await server.call('POST', '/token?grant_type=refresh_token', { json: { refresh_token: person.refresh_token } })
    times.push(performance.now() - start)
    return answer.status
  }
  const statuses = await Promise.all(people.map(refresh))
  assert.deepEqual(statuses.filter((status) => status !== 200), [], 'each refresh is served')
  times.sort((a, b) => a - b)
  const at = (part) => times[Math.floor(times.length * part)].toFixed(1)
  t.diagnostic(`${times.length} refreshes at ${RATE} a second: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${times.at(-1).toFixed(1)} ms`)
  const ends = await Promise.all([...waiting, ...beyond]), told = ends.filter((end) => end.status === 503)
  assert.ok(told.length >= 40 - QUEUE, `${told.length} of ${ends.length} were told`)
  for (const end of told) {
    assert.ok(end.took < 2000, `told after ${end.took} ms`)
    assert.ok(end.headers.get('retry-after') && end.body.msg, end.raw)
  }
  for (const end of ends) assert.ok([302, 503, 504].includes(end.status), `${end.status} ${end.raw}`)
})
