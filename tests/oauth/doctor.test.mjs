// `latchkey doctor providers`: each thing that it finds is broken, seen, mended as the line says, and gone.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, serve, sign } from '../api/lib/server.mjs'
import { stub, rsaKey } from './lib/stub.mjs'

const program = join(process.env.BUILD_DIR ?? join(root, 'build'), 'latchkey')
let server, realm, github
const key = rsaKey('k')
before(async () => {
  realm = await stub({})
  github = await stub({ '/login/oauth/access_token': { error: 'incorrect_client_credentials' } })
  server = await serve({ GOTRUE_SITE_URL: 'https://app.example.com' })
})
after(async () => { await server?.stop(); for (const one of [realm, github]) await one?.close() })

const document = () => ({ issuer: realm.url, authorization_endpoint: `${realm.url}/a`, token_endpoint: `${realm.url}/t`, jwks_uri: `${realm.url}/jwks` })
const publish = (doc, jwks) => Object.assign(realm.routes, { '/.well-known/openid-configuration': doc, '/jwks': jwks, '/protocol/openid-connect/token': {} })
const settings = (name, url) => ({ [`GOTRUE_EXTERNAL_${name}_ENABLED`]: 'true', [`GOTRUE_EXTERNAL_${name}_CLIENT_ID`]: 'client', [`GOTRUE_EXTERNAL_${name}_SECRET`]: 'the secret itself',
  [`GOTRUE_EXTERNAL_${name}_REDIRECT_URI`]: `${server.base}/callback`, [`GOTRUE_EXTERNAL_${name}_URL`]: url })

// The findings as { verdict, subject, finding, cure }, and the exit status.
async function doctor(env, ...words) {
  const file = join(mkdtempSync(join(tmpdir(), 'doctor-')), 'env')
  writeFileSync(file, Object.entries({ ...server.env, ...env }).map(([name, value]) => `${name}='${value}'\n`).join(''), { mode: 0o600 })
  const { status, out } = await new Promise((done) => execFile(program, ['doctor', ...words, '-c', file], { encoding: 'utf8' }, (error, stdout) => done({ status: error ? error.code : 0, out: stdout })))
  assert.ok(!out.includes('the secret itself'), 'no secret is shown')
  return { status, out, found: words.includes('--json') ? JSON.parse(out) : [] }
}
const providers = (env) => doctor(env, 'providers', '--json')
const of = (result, subject, verdict) => result.found.filter((one) => one.subject === subject && one.verdict === verdict).map((one) => one.finding)

test('nothing is on, and what the command is called with', async () => {
  const none = await doctor({}, 'providers')
  assert.deepEqual([none.status, none.out], [0, 'ok    providers: none is on\n1 ok, 0 doubtful, 0 bad\n'])
  assert.deepEqual([(await doctor({}, 'nonsense')).status, (await doctor({}, '--json')).found.length], [1, 1])
})

test('all is well', async () => {
  publish(document(), { keys: [key.jwk] })
  const result = await providers({ ...settings('KEYCLOAK', realm.url), ...settings('GITHUB', github.url) })
  assert.equal(result.status, 0, result.out)
  assert.deepEqual(result.found.filter((one) => one.verdict !== 'ok'), [])
  assert.deepEqual(of(result, 'keycloak', 'ok').map((line) => line.replaceAll(realm.url, 'REALM').replaceAll(server.base, 'HERE')), [
    'the discovery document REALM/.well-known/openid-configuration can be read', 'keys that can be used: 1',
    'the token endpoint REALM/protocol/openid-connect/token answers', 'the redirect URL HERE/callback leads to this server'])
  assert.equal(of(result, 'github', 'ok').length, 2, 'it has no discovery')
})

test('settings that are missing are named', async () => {
  const cases = [['GITHUB', 'SECRET', 'missing OAuth secret'], ['GITHUB', 'CLIENT_ID', 'missing OAuth client ID'], ['GITHUB', 'REDIRECT_URI', 'missing redirect URI'],
    ['KEYCLOAK', 'URL', 'unable to find URL for the Keycloak provider']]
  for (const [name, suffix, finding] of cases) {
    const variable = `GOTRUE_EXTERNAL_${name}_${suffix}`, result = await providers({ ...settings(name, github.url), [variable]: '' })
    assert.deepEqual([result.status, of(result, name.toLowerCase(), 'bad')], [1, [finding]])
    assert.ok(result.found[0].cure.startsWith(`${variable}=`), result.found[0].cure)
  }
})

test('Apple\'s secret runs out', async () => {
  const found = async (secret) => (await providers({ ...settings('APPLE', ''), GOTRUE_EXTERNAL_APPLE_SECRET: secret })).found.find((one) => /secret/.test(one.finding))
  const until = (days) => sign({ exp: Math.floor(Date.now() / 1000 + days * 86400) })
  assert.deepEqual([(await found('a plain secret')).verdict, (await found(until(-1))).finding], ['bad', 'the secret has expired'])
  assert.deepEqual([(await found(until(5))).verdict, (await found(until(100))).verdict], ['doubt', 'ok'])
  assert.match((await found(until(5))).cure, /^GOTRUE_EXTERNAL_APPLE_SECRET/)
})

test('a redirect URL that leads elsewhere: the line that is given mends it', async () => {
  const env = settings('GITHUB', github.url), of_github = (result) => result.found.filter((one) => one.subject === 'github' && one.verdict !== 'ok')
  const cases = [[`${github.url}/callback`, 'bad', /answers 404, and not as this server does/], ['http://127.0.0.1:1/callback', 'doubt', /cannot be reached from this host/],
    ['/callback', 'bad', /no address that a browser could come back to/], ['http://app.example.com/callback', 'doubt', /not https/]]
  for (const [redirect, verdict, finding] of cases) {
    const found = of_github(await providers({ ...env, GOTRUE_EXTERNAL_GITHUB_REDIRECT_URI: redirect })), line = found.find((one) => finding.test(one.finding))
    assert.equal(line?.verdict, verdict, `${redirect}: ${JSON.stringify(found)}`)
    const cure = found.find((one) => one.cure)?.cure
    assert.equal(cure, `GOTRUE_EXTERNAL_GITHUB_REDIRECT_URI=${server.base}/callback`)
    const [name, value] = cure.split('=')
    assert.deepEqual(of_github(await providers({ ...env, [name]: value })), [])
  }
})

test('discovery and keys', async () => {
  const env = settings('KEYCLOAK', realm.url), cases = [
    [undefined, { keys: [key.jwk] }, /returned 404 Not Found/],
    [{ ...document(), issuer: 'https://other.example' }, { keys: [key.jwk] }, /issuer mismatch/],
    ['<html>', { keys: [key.jwk] }, /failed to decode/],
    [document(), { keys: [] }, /holds none for the algorithms/],
    [document(), { keys: [{ ...key.jwk, use: 'enc' }, { ...key.jwk, alg: 'RS384' }, { kty: 'oct', k: 'AAAA' }, 5] }, /holds none for the algorithms/],
    [document(), 'nothing', /keys cannot be used/],
    [document(), undefined, /status 404/],
  ]
  for (const [doc, jwks, finding] of cases) {
    publish(doc, jwks)
    const result = await providers(env), doubts = of(result, 'keycloak', 'doubt')
    assert.ok(doubts.some((line) => finding.test(line)), `${finding}: ${result.out}`)
    assert.equal(result.status, 0, 'the browser\'s way does not need them')
  }
})

test('a token endpoint that is not there', async () => {
  publish(document(), { keys: [key.jwk] })
  const away = await providers(settings('GITHUB', 'http://127.0.0.1:1'))
  assert.match(of(away, 'github', 'bad')[0], /^the token endpoint cannot be reached/)
  assert.equal(away.status, 1)
  const wrong = await providers(settings('GITHUB', `${github.url}/elsewhere`))
  assert.match(of(wrong, 'github', 'doubt')[0], /elsewhere\/login\/oauth\/access_token answers 404$/)
})

test('custom providers, and those that are off', async () => {
  await server.database.sql(`insert into auth.custom_oauth_providers (provider_type, identifier, name, client_id, client_secret, issuer, enabled) values
      ('oidc', 'custom:inward', 'N', 'c', 'the secret itself', 'https://127.0.0.1:1', true), ('oidc', 'custom:off', 'N', 'c', 's', 'https://127.0.0.1:1', false)`)
  const result = await providers({})
  assert.equal(result.status, 1)
  assert.match(of(result, 'custom:inward', 'bad')[0], /URL cannot point to localhost or loopback addresses/)
  assert.deepEqual(of(result, 'custom:inward', 'ok'), [`the redirect URL ${server.base}/callback leads to this server`])
  assert.equal(result.found.filter((one) => one.subject === 'custom:off').length, 0)
  assert.deepEqual((await providers({ GOTRUE_CUSTOM_OAUTH_ENABLED: 'false' })).found.map((one) => one.finding), ['none is on'])
  const away = await providers({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  assert.deepEqual(of(away, 'custom providers', 'bad'), ['the database does not give them'])
})
