// Hostile input: a clear error of the contract, nothing changed in the database, nothing secret in the log, memory flat.
import test, { after, before, beforeEach, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { serve, sign, raw, pss, SECRET } from './lib/server.mjs'

const PASSWORD = 'hostile-Password-7f3a', KIB = 1024, MIB = 1024 * 1024
const key = { ...crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'signer', use: 'sig', key_ops: ['sign', 'verify'] }
let server, session, before_

before(async () => {
  server = await serve({ GOTRUE_JWT_KEYS: JSON.stringify([key]), GOTRUE_JWT_VALID_METHODS: 'ES256' })
  session = (await server.call('POST', '/signup', { json: { email: 'target@example.com', password: PASSWORD } })).body
  assert.ok(session.access_token)
})
after(async () => {
  await server?.stop()
  for (const secret of [PASSWORD, session.access_token, session.refresh_token, SECRET, key.d]) assert.ok(!server.log().includes(secret), 'a secret is in the log')
})

const contents = async () => JSON.stringify(await server.database.sql(`
  select 'users', count(*)::text, md5(coalesce(string_agg(u::text, ',' order by id), '')) from auth.users u union all
  select 'identities', count(*)::text, md5(coalesce(string_agg(i::text, ',' order by id), '')) from auth.identities i union all
  select 'sessions', count(*)::text, md5(coalesce(string_agg(s::text, ',' order by id), '')) from auth.sessions s union all
  select 'refresh_tokens', count(*)::text, md5(coalesce(string_agg(r::text, ',' order by id), '')) from auth.refresh_tokens r`))
beforeEach(async () => { before_ = await contents() })
afterEach(async () => { assert.equal(await contents(), before_, 'the database changed') })

function refused(answer, status, code) {
  assert.deepEqual([answer.status, answer.body.error_code ?? answer.body.code], [status, code], answer.raw.slice(0, 300))
  assert.ok(typeof (answer.body.msg ?? answer.body.message) === 'string')
}
const post = (path, text, headers = {}) => server.call('POST', path, { text, headers: { 'content-type': 'application/json', ...headers } })
const signup = (text) => post('/signup', text)
const password = (text) => post('/token?grant_type=password', text)

test('JSON that is none', async () => {
  for (const text of ['', ' ', '{', '[]', '"x"', '1', 'true', '{"email":"a@example.com",}', "{'email':1}", '\ufeff{}', '{"email":"a@example.com"}x', '{"email":"a\nb"}', '{"email":"\\x"}', '{"email":1}', '{"email":["a"]}', '{"data":"x"}', 'email=a%40example.com']) {
    refused(await signup(text), 400, 'bad_json')
  }
})

test('nesting bombs', async () => {
  for (const depth of [10001, 100000, 500000]) {
    refused(await signup(`{"data":${'['.repeat(depth)}${']'.repeat(depth)}}`), 400, 'bad_json')
    refused(await signup(`{"data":${'{"a":'.repeat(depth / 5)}1${'}'.repeat(depth / 5)},"x":${'['.repeat(10001)}`), 400, 'bad_json')
  }
})

test('a million keys', async () => {
  const began = Date.now()
  const keys = Array.from({ length: 100000 }, (_, i) => `"${i.toString(36)}":1`).join(',')
  refused(await signup(`{"email":"not an address","password":"${PASSWORD}","data":{${keys}}}`), 400, 'validation_failed')
  const same = `"a":1,`.repeat(160000)
  refused(await signup(`{${same}"email":"not an address","password":"${PASSWORD}"}`), 400, 'validation_failed')
  assert.ok(Date.now() - began < 5000, 'took too long')
})

test('bodies over the limit', async () => {
  const exact = JSON.stringify({ email: 'not an address', password: PASSWORD })
  refused(await signup(exact.padEnd(MIB)), 400, 'validation_failed')
  refused(await signup(exact.padEnd(MIB + 1)), 413, 'request_entity_too_large')
  refused(await signup('x'.repeat(8 * MIB)), 413, 'request_entity_too_large')
})

test('NUL bytes', async () => {
  refused(await signup('{"email":"a\\u0000@example.com","password":"longenough1"}'), 400, 'validation_failed')
  refused(await signup('{"email":"a\u0000@example.com","password":"longenough1"}'), 400, 'bad_json')
  refused(await password(JSON.stringify({ email: 'target@example.com\u0000', password: PASSWORD })), 400, 'invalid_credentials')
  refused(await password(JSON.stringify({ email: 'target@example.com', password: PASSWORD + '\u0000' })), 400, 'invalid_credentials')
  refused(await post('/token?grant_type=refresh_token', JSON.stringify({ refresh_token: session.refresh_token + '\u0000' })), 400, 'validation_failed')
  refused(await post('/token?grant_type=password%00', JSON.stringify({ email: 'target@example.com', password: PASSWORD })), 400, 'invalid_credentials')
  const data = await signup('{"email":"nul@example.com","password":"longenough1","data":{"a":"\\u0000"}}')
  assert.equal(data.status, 500)
  assert.ok(!data.raw.includes('longenough1'))
})

test('invalid UTF-8', async () => {
  const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)))
  refused(await password(bytes('{"email":"', [0xff, 0xfe], '@example.com","password":"x"}')), 400, 'invalid_credentials')
  refused(await password(bytes('{"email":"target@example.com', [0xc0, 0x80], '","password":"x"}')), 400, 'invalid_credentials')
  refused(await password('{"email":"\\ud800@example.com","password":"x"}'), 400, 'invalid_credentials')
  refused(await post('/token?grant_type=%ff%fe', '{}'), 400, 'invalid_credentials')
})

test('duplicate parameters: the first counts', async () => {
  refused(await post('/token?grant_type=nonsense&grant_type=password', JSON.stringify({ email: 'target@example.com', password: PASSWORD })), 400, 'invalid_credentials')
  refused(await post('/token?grant_type=refresh_token&grant_type=password', JSON.stringify({ email: 'target@example.com', password: PASSWORD })), 400, 'validation_failed')
})

test('tokens of a megabyte in bodies', async () => {
  for (const size of [100 * KIB, 900 * KIB]) {
    refused(await post('/token?grant_type=refresh_token', JSON.stringify({ refresh_token: 'a'.repeat(size) })), 400, 'validation_failed')
    refused(await password(JSON.stringify({ email: 'target@example.com', password: 'p'.repeat(size) })), 400, 'invalid_credentials')
    refused(await password(JSON.stringify({ email: `${'a'.repeat(size)}@example.com`, password: 'x' })), 400, 'invalid_credentials')
  }
  refused(await post('/token?grant_type=refresh_token', JSON.stringify({ refresh_token: 'a'.repeat(MIB) })), 413, 'request_entity_too_large')
})

test('a token of a megabyte in the header is refused by whoever reads it', async () => {
  const answer = await server.call('GET', '/user', { bearer: 'a'.repeat(MIB) }).catch(() => ({ status: 'closed' }))
  assert.ok(answer.status === 'closed' || answer.status >= 400, String(answer.status))
})

const me = (bearer, headers) => server.call('GET', '/user', { bearer, headers })
const part = (x) => Buffer.from(typeof x === 'string' ? x : JSON.stringify(x)).toString('base64url')
const payload = () => JSON.parse(Buffer.from(session.access_token.split('.')[1], 'base64url'))

test('alg none and its spellings', async () => {
  for (const alg of ['none', 'None', 'NONE', '', null, 7]) {
    const text = `${part({ alg, typ: 'JWT' })}.${part(payload())}`
    for (const token of [`${text}.`, `${text}.${session.access_token.split('.')[2]}`]) refused(await me(token), 403, 'bad_jwt')
  }
})

test('a public key used as an HMAC secret', async () => {
  const publicKey = crypto.createPublicKey({ key: { kty: key.kty, crv: key.crv, x: key.x, y: key.y }, format: 'jwk' })
  const secrets = [publicKey.export({ type: 'spki', format: 'pem' }), publicKey.export({ type: 'spki', format: 'der' }), JSON.stringify((await server.call('GET', '/.well-known/jwks.json')).body.keys[0]), '']
  for (const secret of secrets) {
    for (const header of [{ alg: 'HS256', kid: 'signer', typ: 'JWT' }, { alg: 'HS256', typ: 'JWT' }, { alg: 'ES256', kid: 'signer', typ: 'JWT' }]) refused(await me(sign(payload(), { secret, header })), 403, 'bad_jwt')
  }
  refused(await me(sign(payload())), 403, 'bad_jwt') // the secret's own signature: HS256 is not among the valid methods
})

test('keys named by the token itself are not used', async () => {
  const own = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = own.publicKey.export({ format: 'jwk' })
  for (const header of [{ alg: 'ES256', typ: 'JWT', jwk }, { alg: 'ES256', kid: 'signer', jku: 'http://127.0.0.1:1/keys', jwk, typ: 'JWT' }, { alg: 'ES256', kid: '../signer', typ: 'JWT' }]) {
    const text = `${part(header)}.${part(payload())}`
    const signature = crypto.sign('sha256', Buffer.from(text), { key: own.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
    refused(await me(`${text}.${signature}`), 403, 'bad_jwt')
  }
})

test('expired, future and mistyped tokens', async () => {
  const signed = (claims) => {
    const text = `${part({ alg: 'ES256', kid: 'signer', typ: 'JWT' })}.${part({ ...payload(), ...claims })}`
    return `${text}.${crypto.sign('sha256', Buffer.from(text), { key: crypto.createPrivateKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }
  const now = Math.floor(Date.now() / 1000)
  assert.equal((await me(signed({}))).status, 200)
  refused(await me(signed({ exp: now - 1 })), 403, 'bad_jwt')
  refused(await me(signed({ nbf: now + 60 })), 403, 'bad_jwt')
  refused(await me(signed({ exp: 'soon' })), 403, 'bad_jwt')
  refused(await me(signed({ exp: [] })), 403, 'bad_jwt')
  refused(await me(signed({ sub: '' })), 403, 'bad_jwt')
  refused(await me(signed({ sub: "x' or 1=1" })), 400, 'bad_jwt')
  refused(await me(signed({ sub: crypto.randomUUID() })), 403, 'user_not_found')
  refused(await me(signed({ session_id: crypto.randomUUID() })), 403, 'session_not_found')
  refused(await me(signed({ app_metadata: [] })), 403, 'bad_jwt')
})

test('tokens that are no tokens', async () => {
  const [head, claims, signature] = session.access_token.split('.')
  for (const token of ['x', '..', '...', `${head}.${claims}`, `${head}.${claims}.${signature}.`, `${head}.${claims}.`, `${head}.${claims}.!!!`, `${head}=.${claims}.${signature}`, `${part('[]')}.${claims}.${signature}`, `${part('{"alg":"ES256"')}.${claims}.${signature}`, `${head}.${part('{')}.${signature}`, `${head}.${part('[['.repeat(3000))}.${signature}`, `${head}.${claims}.${part('x'.repeat(63))}`, `${head}.${claims}.${part('\0'.repeat(64))}`]) {
    refused(await me(token), 403, 'bad_jwt')
  }
})

test('SQL in every parameter stays text', async () => {
  const text = "x'; drop table auth.users; --"
  refused(await password(JSON.stringify({ email: text, password: text })), 400, 'invalid_credentials')
  refused(await post('/token?grant_type=refresh_token', JSON.stringify({ refresh_token: text })), 400, 'validation_failed')
  refused(await post(`/logout?scope=${encodeURIComponent(text)}`, '', { authorization: `Bearer ${session.access_token}` }), 400, 'validation_failed')
})

test('malformed requests leave the server well', async () => {
  const lines = (...all) => all.join('\r\n') + '\r\n\r\n'
  for (const bytes of [
    lines('GET /user HTTP/1.1', 'Host: x', 'Authorization: Bearer a', 'Authorization: Bearer b', 'Connection: close'),
    lines('POST /signup HTTP/1.1', 'Host: x', 'Content-Length: -1', 'Connection: close'),
    lines('POST /signup HTTP/1.1', 'Host: x', 'Content-Length: 99999999999999999999', 'Connection: close'),
    lines('POST /signup HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Transfer-Encoding: chunked', 'Connection: close') + 'zz\r\n',
    lines('GET /%zz HTTP/1.1', 'Host: x', 'Connection: close'),
    lines('GET /%00 HTTP/1.1', 'Host: x', 'Connection: close'),
    lines(`GET /${'a'.repeat(7000)} HTTP/1.1`, 'Host: x', 'Connection: close'),
    lines('POST /signup HTTP/1.1', 'Host: x', 'Content-Type: multipart/form-data; boundary=x', 'Content-Length: 9', 'Connection: close') + '--x\r\nabc',
  ]) {
    const answer = await raw(server.port, Buffer.from(bytes, 'latin1'))
    assert.ok(answer === '' || /^HTTP\/1\.[01] [45]\d\d/.test(answer), `${bytes.slice(0, 60)}: ${answer.slice(0, 200)}`)
    assert.ok(!/^HTTP\/1\.[01] 50[0-35-9]/.test(answer) || !answer.includes('latchkey'), answer.slice(0, 200))
  }
  assert.equal((await server.call('GET', '/health')).status, 200)
})

test('memory stays flat', async () => {
  const own = () => server.processes().filter(({ name }) => name.startsWith('latchkey'))
  const round = async (count) => {
    const bomb = `{"data":${'['.repeat(20000)}`, large = JSON.stringify({ email: 'x', password: 'p'.repeat(200 * KIB) })
    await Promise.all(Array.from({ length: 8 }, async () => { for (let n = 0; n < count; n++) { await signup(bomb); await signup(large); await me('x.y.z') } }))
  }
  await round(40)
  const first = pss(own())
  await round(120)
  const last = pss(own())
  assert.ok(first > 0)
  assert.ok(last - first < 1500, `${first} kB grew to ${last} kB`)
})

test('a callback without its state: a redirect, and the error behind it (contract 01 section 7.7)', async () => {
  const missing = { code: 400, error_code: 'bad_oauth_callback', msg: 'OAuth state parameter missing' }
  for (const [method, type, page] of [['GET', 'text/html; charset=utf-8', '">See Other</a>.\n\n'], ['POST', 'text/plain; charset=utf-8', ''], ['PUT', 'text/plain; charset=utf-8', '']]) {
    const answer = await server.call(method, '/callback')
    assert.deepEqual([answer.status, answer.headers.get('content-type'), answer.headers.get('x-sb-error-code')], [303, type, null], method)
    assert.equal(new URL(answer.headers.get('location')).searchParams.get('error_code'), 'bad_oauth_callback')
    assert.ok(answer.raw.endsWith(page + JSON.stringify(missing)), answer.raw)
  }
  const fresh = await server.call('POST', '/callback', { headers: { 'x-supabase-api-version': '2024-01-01' } })
  assert.deepEqual([fresh.body, fresh.headers.get('x-supabase-api-version')], [{ code: 'bad_oauth_callback', message: missing.msg }, null])
})
