// A server that applications sign in through, and the steps of such a sign-in.
import crypto from 'node:crypto'
import assert from 'node:assert/strict'
import { serve } from '../../api/lib/server.mjs'

export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
export const REDIRECT = 'https://app.example.org/cb'
export const UNLIMITED = { GOTRUE_RATE_LIMIT_HEADER: 'X-Never-Sent' }
export const SWITCHES = { GOTRUE_OAUTH_SERVER_ENABLED: 'true', GOTRUE_OAUTH_SERVER_ALLOW_DYNAMIC_REGISTRATION: 'true', GOTRUE_OAUTH_SERVER_AUTHORIZATION_PATH: '/consent' }

const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keys = JSON.stringify([{ ...privateKey.export({ format: 'jwk' }), kid: 'test-es256', alg: 'ES256', use: 'sig', key_ops: ['sign', 'verify'] }])

function adminToken() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url'), now = Math.floor(Date.now() / 1000)
  const text = `${part({ alg: 'ES256', typ: 'JWT', kid: 'test-es256' })}.${part({ role: 'service_role', aud: 'authenticated', iat: now - 5, exp: now + 3600 })}`
  return `${text}.${crypto.sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

let people = 0
export async function provider(env = {}, options) {
  const server = await serve((base) => ({ ...UNLIMITED, ...SWITCHES, GOTRUE_JWT_KEYS: keys, GOTRUE_JWT_ISSUER: base, ...env }), options)
  const admin = adminToken()
  const self = {
    ...server, admin,
    sql: (text) => server.database.sql(text),
    value: (text) => server.database.value(text),
    async person() {
      const { status, body, raw } = await server.call('POST', '/signup', { json: { email: `idp-${process.pid}-${++people}@example.com`, password: 'correct horse battery 9', data: { name: 'Ann Example' } } })
      assert.equal(status, 200, raw)
      return { id: body.user.id, email: body.user.email, token: body.access_token }
    },
    async register(fields = {}) {
      const { status, body, raw } = await server.call('POST', '/admin/oauth/clients', { bearer: admin, json: { redirect_uris: [REDIRECT], ...fields } })
      assert.equal(status, 201, raw)
      return { id: body.client_id, secret: body.client_secret, public: body.client_type === 'public' }
    },
    authorize(client, query = {}) {
      const all = { client_id: client.id, redirect_uri: REDIRECT, response_type: 'code', code_challenge: CHALLENGE, code_challenge_method: 'S256', scope: 'openid email', ...query }
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
      return server.call('GET', `/oauth/authorize?${new URLSearchParams(given)}`)
    },
    // The id of an authorization request.
    async asked(client, query) {
      const answer = await self.authorize(client, query), location = new URL(answer.headers.get('location') ?? 'x:none')
      assert.equal(answer.status, 302, answer.raw)
      assert.ok(location.searchParams.get('authorization_id'), location.href)
      return location.searchParams.get('authorization_id')
    },
    open: (id, person, headers) => server.call('GET', `/oauth/authorizations/${id}`, { bearer: person?.token, headers }),
    consent: (id, person, action = 'approve', headers) => server.call('POST', `/oauth/authorizations/${id}/consent`, { bearer: person?.token, json: { action }, headers }),
    // A code that this person has approved.
    async code(client, person, query) {
      const id = await self.asked(client, query), opened = await self.open(id, person)
      assert.equal(opened.status, 200, opened.raw)
      const target = opened.body.redirect_url ?? (await self.consent(id, person)).body.redirect_url
      return new URL(target).searchParams.get('code')
    },
    token(client, form) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }, body = { ...form }
      if (client.public) body.client_id = client.id
      else headers.authorization = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`
      return server.call('POST', '/oauth/token', { headers, text: new URLSearchParams(body).toString() })
    },
    exchange: (client, code, more = {}) => self.token(client, { grant_type: 'authorization_code', code, code_verifier: VERIFIER, ...more }),
    refresh: (client, token, more = {}) => self.token(client, { grant_type: 'refresh_token', refresh_token: token, ...more }),
    userinfo: (token) => server.call('GET', '/oauth/userinfo', { bearer: token }),
  }
  return self
}

// An OAuth error as the token endpoint words it.
export function refused(answer, error, description) {
  assert.deepEqual([answer.status, answer.body], [400, { error, error_description: description }], answer.raw)
}
export function failed(answer, status, code, message) {
  assert.deepEqual([answer.status, answer.body.error_code, answer.body.msg], [status, code, message], answer.raw)
}
export async function granted(answer) {
  const got = await answer
  assert.equal(got.status, 200, got.raw)
  return got.body
}
