// An OpenID provider that none of us wrote, and the official client: sign-in, linking and ID tokens, RS256 and ES256, a rotation of keys.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { AuthClient } from '@supabase/auth-js'
import { serve, claims, freePort } from '../api/lib/server.mjs'
import { CLIENT, openProvider, signingKey, tokensOf, walk } from './lib/provider.mjs'

let server, provider, port
const first = signingKey('RS256')
const reopen = async (options) => {
  await provider?.close()
  provider = await openProvider({ port, redirectUri: `${server.base}/callback`, ...options })
}
before(async () => {
  port = await freePort()
  const own = await freePort()
  server = await serve({
    GOTRUE_EXTERNAL_KEYCLOAK_ENABLED: 'true', GOTRUE_EXTERNAL_KEYCLOAK_CLIENT_ID: CLIENT.client_id, GOTRUE_EXTERNAL_KEYCLOAK_SECRET: CLIENT.client_secret,
    GOTRUE_EXTERNAL_KEYCLOAK_REDIRECT_URI: `http://127.0.0.1:${own}/callback`, GOTRUE_EXTERNAL_KEYCLOAK_URL: `http://127.0.0.1:${port}`,
    GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true', GOTRUE_MAILER_AUTOCONFIRM: 'false', GOTRUE_URI_ALLOW_LIST: 'http://localhost:3000/**',
  }, { port: own })
  await reopen({ keys: [first] })
})
after(async () => { await provider?.close(); await server?.stop() })

const connect = (options = {}) => new AuthClient({ url: server.base, headers: {}, autoRefreshToken: false, persistSession: false, detectSessionInUrl: false, ...options })
const store = () => { const kept = new Map(); return { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => { kept.set(k, v) }, removeItem: (k) => { kept.delete(k) } } }

// From the client's address to where the browser ends in the app.
async function browse(url) {
  if (!url.startsWith(provider.issuer)) {
    const there = await fetch(url, { redirect: 'manual' })
    assert.equal(there.status, 302, await there.text())
    url = there.headers.get('location')
  }
  const back = await fetch(await walk(url, provider.issuer), { redirect: 'manual' })
  assert.equal(back.status, 302)
  return new URL(back.headers.get('location'))
}

test('signInWithOAuth and exchangeCodeForSession', async () => {
  provider.signInAs('ann', { email: 'Ann@Corp.io', email_verified: true, name: 'Ann', preferred_username: 'ann' })
  const client = connect({ flowType: 'pkce', persistSession: true, storage: store() })
  const { data, error } = await client.signInWithOAuth({ provider: 'keycloak', options: { scopes: 'openid', redirectTo: 'http://localhost:3000/welcome?a=b', skipBrowserRedirect: true } })
  assert.equal(error, null)
  const end = await browse(data.url)
  assert.equal(end.origin + end.pathname, 'http://localhost:3000/welcome')
  assert.equal(end.searchParams.get('a'), 'b')
  assert.equal(end.hash, '')
  const session = await client.exchangeCodeForSession(end.searchParams.get('code'))
  assert.equal(session.error, null)
  assert.equal(session.data.user.email, 'ann@corp.io')
  assert.equal(session.data.user.app_metadata.provider, 'keycloak')
  assert.equal(session.data.user.user_metadata.custom_claims.preferred_username, 'ann')
  assert.ok(session.data.session.provider_token)
  assert.ok((await client.exchangeCodeForSession(end.searchParams.get('code'))).error, 'a code is good once')
})

test('the implicit flow ends with tokens in the fragment', async () => {
  provider.signInAs('ann', { email: 'ann@corp.io', email_verified: true })
  const { data } = await connect().signInWithOAuth({ provider: 'keycloak', options: { scopes: 'openid', redirectTo: 'http://localhost:3000/welcome', skipBrowserRedirect: true } })
  const fragment = new URLSearchParams((await browse(data.url)).hash.slice(1))
  assert.equal(fragment.get('token_type'), 'bearer')
  assert.ok(fragment.get('provider_token'))
  assert.equal((await server.call('GET', '/user', { bearer: fragment.get('access_token') })).body.email, 'ann@corp.io')
})

test('linkIdentity', async () => {
  const client = connect({ flowType: 'pkce', persistSession: true, storage: store() })
  await client.signInAnonymously()
  provider.signInAs('bob', { email: 'bob@corp.io', email_verified: true })
  const { data, error } = await client.linkIdentity({ provider: 'keycloak', options: { scopes: 'openid', redirectTo: 'http://localhost:3000/', skipBrowserRedirect: true } })
  assert.equal(error, null)
  const session = await client.exchangeCodeForSession((await browse(data.url)).searchParams.get('code'))
  assert.equal(session.error, null)
  assert.equal(session.data.user.email, 'bob@corp.io')
  assert.equal(session.data.user.is_anonymous, false)
})

const idToken = (nonce) => tokensOf(provider, `${server.base}/callback`, nonce)

test('signInWithIdToken, its nonce and its access token', async () => {
  provider.signInAs('cid', { email: 'cid@corp.io', email_verified: true })
  const nonce = crypto.randomUUID(), got = await idToken(crypto.createHash('sha256').update(nonce).digest('hex'))
  const { data, error } = await connect().signInWithIdToken({ provider: 'keycloak', token: got.id_token, access_token: got.access_token, nonce })
  assert.equal(error, null)
  assert.equal(data.user.email, 'cid@corp.io')
  assert.equal(claims(data.session.access_token).amr[0].method, 'oauth')
  const wrong = await connect().signInWithIdToken({ provider: 'keycloak', token: got.id_token, nonce: 'another' })
  assert.match(wrong.error.message, /nonce/i)
})

test('a provider that changes its keys is understood at once, by all workers', async () => {
  const grant = (id_token) => server.call('POST', '/token?grant_type=id_token', { json: { provider: 'keycloak', id_token } })
  provider.signInAs('dot', { email: 'dot@corp.io', email_verified: true })
  assert.equal((await grant((await idToken()).id_token)).status, 200)
  await reopen({ keys: [signingKey('RS256')] })
  provider.signInAs('dot', { email: 'dot@corp.io', email_verified: true })
  const { id_token } = await idToken()
  provider.asked.length = 0
  for (const answer of await Promise.all(Array.from({ length: 8 }, () => grant(id_token))))
    assert.equal(answer.status, 200, answer.raw)
  const fetched = provider.asked.filter((line) => line === 'GET /protocol/openid-connect/certs').length
  assert.ok(fetched >= 1 && fetched <= 8, `${fetched} fetches`)
  provider.asked.length = 0
  assert.equal((await grant(id_token)).status, 200)
  assert.deepEqual(provider.asked, [], 'the keys are cached')
})

test('unknown key ids do not make the keys fetched again and again', async () => {
  provider.signInAs('dot', { email: 'dot@corp.io', email_verified: true })
  const { id_token } = await idToken(), [, payload, signature] = id_token.split('.')
  provider.asked.length = 0
  for (let i = 0; i < 5; i++) {
    const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: `made up ${i}` })).toString('base64url')
    assert.equal((await server.call('POST', '/token?grant_type=id_token', { json: { provider: 'keycloak', id_token: `${header}.${payload}.${signature}` } })).status, 400)
  }
  assert.equal(provider.asked.filter((line) => line.endsWith('/certs')).length, 1)
  assert.equal((await server.call('POST', '/token?grant_type=id_token', { json: { provider: 'keycloak', id_token } })).status, 200)
})

test('ES256', async () => {
  const fresh = await serve({ ...server.env, DATABASE_URL: server.database.url }, { database: server.database })
  try {
    await reopen({ keys: [signingKey('ES256')], alg: 'ES256' })
    provider.signInAs('eve', { email: 'eve@corp.io', email_verified: true })
    const { id_token } = await idToken()
    const answer = await fresh.call('POST', '/token?grant_type=id_token', { json: { provider: 'keycloak', id_token } })
    assert.equal(answer.status, 200, answer.raw)
    assert.equal(answer.body.user.email, 'eve@corp.io')
  } finally { await fresh.stop() }
})
