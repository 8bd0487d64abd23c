// An application that others wrote (openid-client) signs people in through us.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { REDIRECT, provider } from './lib/provider.mjs'

let idp, ann
before(async () => {
  idp = await provider()
  ann = await idp.person()
})
after(() => idp?.stop())

// What the user's browser does: the consent page, and back.
async function browse(url, person) {
  const asked = await fetch(url, { redirect: 'manual' }), page = new URL(asked.headers.get('location'))
  const id = page.searchParams.get('authorization_id')
  assert.ok(id, page.href)
  const opened = await idp.open(id, person)
  assert.equal(opened.status, 200, opened.raw)
  return new URL(opened.body.redirect_url ?? (await idp.consent(id, person)).body.redirect_url)
}

async function signIn(config, person, scope = 'openid email profile') {
  const pkceCodeVerifier = client.randomPKCECodeVerifier(), expectedState = client.randomState(), expectedNonce = client.randomNonce()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT, scope, state: expectedState, nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
  })
  const back = await browse(url, person)
  return client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true })
}

const insecure = { execute: [client.allowInsecureRequests] }
// The client names the algorithm of its ID tokens, as OpenID Connect wants it where it is not RS256.
const ES256 = { id_token_signed_response_alg: 'ES256' }

for (const [name, fields, method] of [
  ['a web application with its secret in the header, form-encoded', {}, (secret) => client.ClientSecretBasic(secret)],
  ['a web application with its secret in the form', { token_endpoint_auth_method: 'client_secret_post' }, (secret) => client.ClientSecretPost(secret)],
  ['an app without a secret', { token_endpoint_auth_method: 'none' }, () => client.None()],
]) test(`${name}: discovery, sign-in, userinfo, refresh`, async () => {
  const made = await idp.register(fields)
  const config = await client.discovery(new URL(idp.base), made.id, ES256, method(made.secret), insecure)
  const tokens = await signIn(config, ann), claims = tokens.claims()
  assert.deepEqual([claims.iss, claims.sub, claims.aud, claims.email, claims.email_verified, claims.name], [idp.base, ann.id, made.id, ann.email, true, 'Ann Example'])
  const info = await client.fetchUserInfo(config, tokens.access_token, ann.id)
  assert.equal(info.email, ann.email)
  const next = await client.refreshTokenGrant(config, tokens.refresh_token)
  assert.equal((await client.fetchUserInfo(config, next.access_token, ann.id)).sub, ann.id)
  assert.ok((await signIn(config, ann)).claims().sub, 'the second time without asking')
})

// This client wants client_secret_expires_at beside a secret (RFC 7591 section 3.2.1); the interface, which this server has to keep to, does not
// have it (contract 10 section 4).
const adding = async (url, options) => {
  const answer = await fetch(url, options), body = await answer.json()
  return Response.json(body.client_secret ? { client_secret_expires_at: 0, ...body } : body, { status: answer.status })
}
test('an application registers itself and gets a secret', async () => {
  const own = { redirect_uris: [REDIRECT], client_name: 'Self-made', token_endpoint_auth_method: 'client_secret_post', ...ES256 }
  await assert.rejects(client.dynamicClientRegistration(new URL(idp.base), own, undefined, insecure), (error) => /client_secret_expires_at/.test(error.cause?.message))
  const config = await client.dynamicClientRegistration(new URL(idp.base), own, undefined, { ...insecure, [client.customFetch]: adding })
  config[client.customFetch] = undefined
  assert.ok((await signIn(config, ann)).id_token)
})

test('an application registers itself', async () => {
  const config = await client.dynamicClientRegistration(new URL(idp.base), { redirect_uris: [REDIRECT], client_name: 'Self-made', token_endpoint_auth_method: 'none', ...ES256 }, client.None(), insecure)
  assert.ok((await signIn(config, ann)).id_token)
})

test('what the user denies is told to the application', async () => {
  const made = await idp.register({ token_endpoint_auth_method: 'none' })
  const config = await client.discovery(new URL(idp.base), made.id, ES256, client.None(), insecure), state = client.randomState(), verifier = client.randomPKCECodeVerifier()
  const url = client.buildAuthorizationUrl(config, { redirect_uri: REDIRECT, scope: 'openid', state, code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' })
  const page = new URL((await fetch(url, { redirect: 'manual' })).headers.get('location')), id = page.searchParams.get('authorization_id')
  await idp.open(id, ann)
  const back = new URL((await idp.consent(id, ann, 'deny')).body.redirect_url)
  await assert.rejects(client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: state }), (error) => error.error === 'access_denied')
})

test('an answer of somebody else is not taken for ours', async () => {
  const made = await idp.register({ token_endpoint_auth_method: 'none' })
  const config = await client.discovery(new URL(idp.base), made.id, ES256, client.None(), insecure)
  const pkceCodeVerifier = client.randomPKCECodeVerifier(), url = client.buildAuthorizationUrl(config, { redirect_uri: REDIRECT, scope: 'openid', state: 'one', code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' })
  const back = await browse(url, ann)
  await assert.rejects(client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState: 'two' }))
  await assert.rejects(client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState: 'one', expectedNonce: 'never sent', idTokenExpected: true }))
})
