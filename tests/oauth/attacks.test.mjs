// Attacks on signing in with somebody else, each of which must fail (contract 07 section 15).
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { serve, sign, wait } from '../api/lib/server.mjs'
import { stub, rsaKey, idToken, hmacToken, unsignedToken } from './lib/stub.mjs'

let server, github, realm, inside
const good = rsaKey('good'), other = rsaKey('other')
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const pkce = `&code_challenge=${CHALLENGE}&code_challenge_method=s256`

before(async () => {
  github = await stub({ '/login/oauth/access_token': { access_token: 'at', token_type: 'bearer' } })
  inside = await stub({ '/secret': { keys: [] } })
  realm = await stub({})
  Object.assign(realm.routes, {
    '/.well-known/openid-configuration': { issuer: realm.url, authorization_endpoint: `${realm.url}/a`, token_endpoint: `${realm.url}/t`, userinfo_endpoint: `${realm.url}/u`,
      jwks_uri: `${realm.url}/jwks`, id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'] },
    '/jwks': { keys: [good.jwk] },
    '/protocol/openid-connect/token': { access_token: 'at', token_type: 'bearer' },
  })
  const provider = (name, url) => ({ [`GOTRUE_EXTERNAL_${name}_ENABLED`]: 'true', [`GOTRUE_EXTERNAL_${name}_CLIENT_ID`]: 'client', [`GOTRUE_EXTERNAL_${name}_SECRET`]: 'secret',
    [`GOTRUE_EXTERNAL_${name}_REDIRECT_URI`]: 'http://127.0.0.1/callback', [`GOTRUE_EXTERNAL_${name}_URL`]: url })
  server = await serve({
    ...provider('GITHUB', github.url), ...provider('KEYCLOAK', realm.url), ...provider('X', github.url), ...provider('GITLAB', github.url),
    GOTRUE_SITE_URL: 'https://app.example.com', GOTRUE_URI_ALLOW_LIST: 'https://ok.example.com/**,https://*.wild.example.com/**', GOTRUE_MAILER_AUTOCONFIRM: 'false',
    GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true', GOTRUE_EXTERNAL_WEB3_SOLANA_ENABLED: 'true', GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED: 'true',
    LATCHKEY_OUTBOUND_WORKERS: '4', GOTRUE_API_MAX_REQUEST_DURATION: '4s', GOTRUE_RATE_LIMIT_HEADER: 'X-Never-Sent',
  })
})
after(async () => { await server?.stop(); for (const one of [github, realm, inside]) await one?.close() })

const value = (text) => server.database.value(text)
let number = 4000
// What github says of the next user.
function user({ id = ++number, emails }) {
  github.routes['/api/v3/user'] = { id, login: `u${id}`, name: `U ${id}` }
  github.routes['/api/v3/user/emails'] = emails
  return id
}
async function authorize(query = 'provider=github') {
  const answer = await server.call('GET', `/authorize?${query}`)
  assert.equal(answer.status, 302, answer.raw)
  const url = new URL(answer.headers.get('location'))
  return { url, state: url.searchParams.get('state') }
}
async function callback(state, query = 'code=abcdef') {
  const answer = await server.call('GET', `/callback?state=${state}&${query}`)
  const url = answer.headers.get('location') ? new URL(answer.headers.get('location')) : null
  return { ...answer, url, fragment: new URLSearchParams(url?.hash.slice(1)), query: url?.searchParams }
}
const signIn = async () => callback((await authorize()).state)
const idTokenGrant = (json) => server.call('POST', '/token?grant_type=id_token', { json })
const fromRealm = (claims = {}, key = good, header) => idToken(key, { iss: realm.url, aud: 'client', sub: `r${++number}`, email: `r${number}@corp.io`, email_verified: true, ...claims }, header)
const mustBeBad = async (token, error = 'Bad ID token') => {
  const answer = await idTokenGrant({ provider: 'keycloak', id_token: token })
  assert.deepEqual([answer.status, answer.body.error_description], [400, error], answer.raw)
}

// ---- the state -----------------------------------------------------------------------------------------------------------------------------------------

test('a state is good once: implicit and PKCE', async () => {
  user({ emails: [{ email: 'state1@corp.io', verified: true, primary: true }] })
  const { state } = await authorize()
  assert.ok((await callback(state)).fragment.get('access_token'))
  const again = await callback(state)
  assert.deepEqual([again.status, again.query.get('error_code'), again.url.origin], [303, 'bad_oauth_state', 'https://app.example.com'])
  const second = await authorize(`provider=github${pkce}`)
  assert.ok((await callback(second.state)).query.get('code'))
  assert.equal((await callback(second.state)).query.get('error_code'), 'flow_state_already_used')
})

test('of callbacks at once with one state one signs in', async () => {
  for (const query of ['provider=github', `provider=github${pkce}`]) {
    user({ emails: [{ email: `race${++number}@corp.io`, verified: true, primary: true }] })
    const { state } = await authorize(query)
    const ends = await Promise.all(Array.from({ length: 4 }, () => callback(state)))
    assert.equal(ends.filter((end) => end.fragment.get('access_token') || end.query.get('code')).length, 1, query)
  }
})

test('a code of somebody else\'s flow needs that flow\'s verifier, and another browser\'s verifier does not do', async () => {
  user({ emails: [{ email: 'victim@corp.io', verified: true, primary: true }] })
  const { state } = await authorize(`provider=github${pkce}`)
  const code = (await callback(state)).query.get('code')
  const wrong = await server.call('POST', '/token?grant_type=pkce', { json: { auth_code: code, code_verifier: 'x'.repeat(43) } })
  assert.equal(wrong.status, 400)
  const right = await server.call('POST', '/token?grant_type=pkce', { json: { auth_code: code, code_verifier: VERIFIER } })
  assert.equal(right.status, 200, right.raw)
  assert.equal((await server.call('POST', '/token?grant_type=pkce', { json: { auth_code: code, code_verifier: VERIFIER } })).status, 404)
})

test('an expired state leads nowhere', async () => {
  const { state } = await authorize()
  await server.database.sql(`update auth.flow_state set created_at = now() - interval '6 minutes' where id = '${state}'`)
  assert.equal((await callback(state)).query.get('error_description'), 'OAuth state has expired')
})

test('a state that is no state: spellings, injections, lengths', async () => {
  for (const state of ['', 'x', "'; drop table auth.users; --", '%00', '0'.repeat(5000), '11111111-1111-4111-8111-111111111111%00', '%7B11111111-1111-4111-8111-111111111111']) {
    const end = await callback(state)
    assert.equal(end.status, 303, state)
    assert.equal(end.url.origin, 'https://app.example.com')
  }
  assert.ok(await value('select count(*) from auth.users'))
})

// ---- mix-up of providers, PKCE towards them ----------------------------------------------------------------------------------------------------------------

test('a flow belongs to its provider, whatever the callback says', async () => {
  user({ emails: [{ email: 'mix@corp.io', verified: true, primary: true }] })
  realm.asked.length = 0
  const { state } = await authorize()
  const end = await callback(state, 'code=abcdef&provider=keycloak&iss=https%3A%2F%2Fevil.example')
  assert.ok(end.fragment.get('access_token'))
  assert.deepEqual(realm.asked, [])
  assert.equal(await value("select string_agg(distinct provider, ',') from auth.identities where email = 'mix@corp.io'"), 'github')
})

test('PKCE towards a provider cannot be left out, and a verifier is for its provider, once, for five minutes', async () => {
  github.routes['/2/oauth2/token'] = { access_token: 'at' }
  const start = () => authorize('provider=x&code_challenge_method=plain')
  await assert.rejects(start)
  const { url, state } = await authorize('provider=x')
  assert.equal(url.searchParams.get('code_challenge_method'), 'S256')
  await server.database.sql(`update auth.flow_state set oauth_client_state_id = null where id = '${state}'`)
  assert.equal((await callback(state)).query.get('error_description'), 'OAuth PKCE code verifier missing')
  const swapped = await authorize('provider=x')
  await server.database.sql("update auth.oauth_client_states set provider_type = 'github'")
  assert.equal((await callback(swapped.state)).query.get('error_description'), 'OAuth provider mismatch')
  assert.equal((await callback(swapped.state)).query.get('error_code'), 'oauth_client_state_not_found')
  const late = await authorize('provider=x')
  await server.database.sql("update auth.oauth_client_states set created_at = now() - interval '6 minutes'")
  assert.equal((await callback(late.state)).query.get('error_code'), 'oauth_client_state_expired')
})

test('clients cannot set what is the server\'s in the authorization request', async () => {
  const { url, state } = await authorize('provider=github&client_id=evil&Redirect_Uri=https%3A%2F%2Fevil.example&STATE=x&state=y&response_type=token&code_challenge_method=&code_verifier=v&client_secret=s')
  assert.equal(url.searchParams.get('client_id'), 'client')
  assert.equal(url.searchParams.get('redirect_uri'), 'http://127.0.0.1/callback')
  assert.equal(url.searchParams.get('response_type'), 'code')
  assert.deepEqual(url.searchParams.getAll('state'), [state])
  for (const name of ['Redirect_Uri', 'STATE', 'code_verifier', 'client_secret']) assert.equal(url.searchParams.get(name), null, name)
})

// ---- redirects -------------------------------------------------------------------------------------------------------------------------------------------------

test('open redirects, with every trick', async () => {
  const tricks = ['https://evil.example/', '//evil.example', 'https:evil.example', 'https://app.example.com@evil.example/', 'https://app.example.com.evil.example/', 'https://evil.example#.ok.example.com/',
    'https://ok.example.com.evil.example/', 'http://app.example.com/', 'https://app.example.com:444/', 'https://ok.example.com%2f.evil.example/', 'https://evil.example\\@ok.example.com/', 'javascript:alert(1)//https://ok.example.com/',
    'data:text/html,x', 'https://2130706433/', 'https://0x7f000001/', 'https://10.0.0.1/', 'https://evil.example/.wild.example.com/', 'https://a.b.wild.example.com/', 'https://OK.example.com/', 'https://ok.example.com\u0000.evil.example/',
    'https://ok.example.com\r\nLocation: https://evil.example', ' https://ok.example.com/', 'https://[::ffff:10.0.0.1]/', 'https://ok.example.com;.evil.example/']
  for (const trick of tricks) {
    const { state } = await authorize(`provider=github&redirect_to=${encodeURIComponent(trick)}`)
    assert.equal(await value(`select referrer from auth.flow_state where id = '${state}'`), 'https://app.example.com', JSON.stringify(trick))
  }
  const { state } = await authorize('provider=github&redirect_to=https%3A%2F%2Fok.example.com%2Fx')
  const end = await callback(state, 'error=access_denied&redirect_to=https%3A%2F%2Fevil.example')
  assert.equal(end.url.origin, 'https://ok.example.com', 'the callback cannot change it')
})

// ---- who an address belongs to: verified by unverified on both sides ------------------------------------------------------------------------------------------------

test('the pre-hijack matrix', async () => {
  const signUp = async (email, confirmed) => {
    const { body } = await server.call('POST', '/admin/users', { json: { email, password: 'correct horse battery 9', email_confirm: confirmed }, bearer: sign({ role: 'service_role' }) })
    assert.ok(body.id, JSON.stringify(body))
    return body.id
  }
  const cases = [
    // what the account's owner has shown, what the provider vouches for, what must come of it
    { confirmed: true, verified: true, linked: true, password: true },
    { confirmed: false, verified: true, linked: true, password: false }, // taken over: the password that somebody may have set goes
    { confirmed: true, verified: false, linked: false, password: true },
    { confirmed: false, verified: false, linked: false, password: true },
  ]
  for (const [i, { confirmed, verified, linked, password }] of cases.entries()) {
    const email = `hijack${i}@corp.io`, id = await signUp(email, confirmed), provided = user({ emails: [{ email, verified, primary: true }] })
    const end = await signIn()
    const owner = await value(`select user_id from auth.identities where provider = 'github' and provider_id = '${provided}'`)
    assert.equal(owner === id, linked, email)
    assert.equal(Boolean(end.fragment.get('access_token')), linked, email)
    assert.equal(await value(`select coalesce(encrypted_password, '') <> '' from auth.users where id = '${id}'`), password ? 't' : 'f', email)
    const login = await server.call('POST', '/token?grant_type=password', { json: { email, password: 'correct horse battery 9' } })
    assert.equal(login.status === 200, confirmed, email)
    if (!linked) assert.notEqual(await value(`select email from auth.users where id = '${owner}'`), email, 'the address is not taken over')
  }
})

test('an identity of one provider is none of another with the same id', async () => {
  const id = user({ emails: [{ email: 'same1@corp.io', verified: true, primary: true }] })
  await signIn()
  github.routes['/oauth/token'] = { access_token: 'at' }
  github.routes['/api/v4/user'] = { id, name: 'G', email: 'same2@corp.io', confirmed_at: '2020-01-01' }
  github.routes['/api/v4/user/emails'] = []
  assert.ok((await callback((await authorize('provider=gitlab')).state)).fragment.get('access_token'))
  assert.equal(await value(`select count(distinct user_id) from auth.identities where provider_id = '${id}'`), '2')
})

test('an identity that somebody else has cannot be linked; a link goes to who started it', async () => {
  const id = user({ emails: [{ email: 'taken@corp.io', verified: true, primary: true }] })
  await signIn()
  const anonymous = (await server.call('POST', '/signup', { json: {} })).body
  const there = await server.call('GET', '/user/identities/authorize?provider=github', { bearer: anonymous.access_token })
  const end = await callback(new URL(there.headers.get('location')).searchParams.get('state'))
  assert.equal(end.query.get('error_code'), 'identity_already_exists')
  assert.equal(await value(`select count(*) from auth.identities where provider_id = '${id}'`), '1')
})

// ---- ID tokens ----------------------------------------------------------------------------------------------------------------------------------------------------

test('a good ID token signs in', async () => {
  const answer = await idTokenGrant({ provider: 'keycloak', id_token: fromRealm() })
  assert.equal(answer.status, 200, answer.raw)
})

test('foreign issuers, tenants and audiences', async () => {
  await mustBeBad(fromRealm({ iss: 'https://evil.example' }))
  await mustBeBad(fromRealm({ iss: `${realm.url}/` }))
  await mustBeBad(fromRealm({ aud: 'other' }), 'Unacceptable audience in id_token: [other]')
  await mustBeBad(fromRealm({ aud: [] }), 'Unacceptable audience in id_token: []')
  await mustBeBad(fromRealm({ aud: '' }), 'Unacceptable audience in id_token: []'.replace('[]', '[]'))
  for (const provider of ['google', 'apple', 'azure']) {
    const answer = await idTokenGrant({ provider, id_token: fromRealm() })
    assert.equal(answer.status, 400, provider)
    assert.notEqual(answer.body.access_token, 'x')
  }
  const apple = await idTokenGrant({ provider: 'apple', id_token: fromRealm({ iss: 'https://appleid.apple.com.evil.example' }) })
  assert.equal(apple.body.msg, 'Detected ID token issuer is not an Apple ID token issuer')
  const azure = await idTokenGrant({ provider: 'azure', id_token: fromRealm({ iss: 'https://login.microsoftonline.com.evil.example/t/v2.0' }) })
  assert.equal(azure.body.msg, 'Detected ID token issuer is not an Azure ID token issuer')
  const listed = await idTokenGrant({ issuer: 'https://evil.example', client_id: 'client', id_token: fromRealm() })
  assert.equal(listed.body.error_code, 'validation_failed')
})

test('algorithms: none, HS256 with the public key, a key of another algorithm, critical headers', async () => {
  const claims = { iss: realm.url, aud: 'client', sub: 'alg', email: 'alg@corp.io', email_verified: true }
  await mustBeBad(unsignedToken(claims))
  await mustBeBad(hmacToken(good.pem, claims, { kid: 'good' }))
  await mustBeBad(hmacToken(JSON.stringify(good.jwk), claims, { kid: 'good' }))
  await mustBeBad(hmacToken('secret', claims))
  await mustBeBad(fromRealm({}, good, { alg: 'RS512' }))
  await mustBeBad(fromRealm({}, good, { alg: 'rs256' }))
  await mustBeBad(fromRealm({}, good, { crit: ['exp'], exp: 1 }))
  await mustBeBad(fromRealm({}, other))
  await mustBeBad(fromRealm({}, { ...other, kid: 'good' }))
  await mustBeBad(fromRealm({}, other, { jwk: other.jwk, jku: `${inside.url}/secret`, x5u: `${inside.url}/secret` }))
  assert.deepEqual(inside.asked, [], 'keys come from the provider alone')
})

test('expired, future, malformed', async () => {
  const now = Math.floor(Date.now() / 1000)
  await mustBeBad(fromRealm({ exp: now - 1 }))
  await mustBeBad(fromRealm({ exp: undefined }))
  await mustBeBad(fromRealm({ exp: `${now + 600}` }))
  await mustBeBad(fromRealm({ nbf: now + 400 }))
  for (const token of ['x', 'a.b', 'a.b.c', `${fromRealm()}.x`, fromRealm().replace(/\.[^.]*$/, '.'), 'x'.repeat(100000)]) await mustBeBad(token)
  assert.equal((await idTokenGrant({ provider: 'keycloak', id_token: fromRealm({ nbf: now + 200 }) })).status, 200, 'five minutes of grace')
})

test('nonces and hashes', async () => {
  const hashed = crypto.createHash('sha256').update('the nonce').digest('hex')
  const grant = (token, more) => idTokenGrant({ provider: 'keycloak', id_token: token, ...more })
  assert.equal((await grant(fromRealm({ nonce: hashed }), { nonce: 'the nonce' })).status, 200)
  assert.equal((await grant(fromRealm({ nonce: hashed }), { nonce: 'another' })).body.error, 'invalid nonce')
  assert.equal((await grant(fromRealm({ nonce: 'the nonce' }), { nonce: 'the nonce' })).body.error, 'invalid nonce')
  assert.match((await grant(fromRealm({ nonce: hashed }))).body.error_description, /both exist/)
  assert.match((await grant(fromRealm(), { nonce: 'x' })).body.error_description, /both exist/)
  const at = crypto.createHash('sha256').update('token').digest().subarray(0, 16).toString('base64url')
  assert.equal((await grant(fromRealm({ at_hash: at }), { access_token: 'token' })).status, 200)
  assert.equal((await grant(fromRealm({ at_hash: at }), { access_token: 'another' })).body.error_description, 'Bad ID token')
})

test('a key set of 10 MB is no key set, and is not read to its end', async () => {
  const kept = realm.routes['/jwks'], fresh = rsaKey('fresh')
  realm.routes['/jwks'] = { raw: true, body: Buffer.concat([Buffer.from(`{"keys":[${JSON.stringify(fresh.jwk)}],"x":"`), Buffer.alloc(10 << 20, 'x'), Buffer.from('"}')]) }
  try { await mustBeBad(fromRealm({}, fresh)) } finally { realm.routes['/jwks'] = kept }
  assert.equal((await idTokenGrant({ provider: 'keycloak', id_token: fromRealm() })).status, 200, 'the old keys are still there')
})

// ---- addresses on the inside -------------------------------------------------------------------------------------------------------------------------------------------

test('custom providers cannot point inward: at administration and at run time', async () => {
  const admin = sign({ role: 'service_role' }), base = { name: 'N', client_id: 'c', client_secret: 's' }
  const create = (more) => server.call('POST', '/admin/custom-providers', { bearer: admin, json: { ...base, ...more } })
  for (const host of ['127.0.0.1', 'localhost', 'a.localhost', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '10.1.2.3', '192.168.0.1', '172.16.0.1', '[fd00::1]', '[fe80::1]', '0.0.0.0', '2130706433', '0x7f.1', '0177.0.0.1', '127.1']) {
    const oidc = await create({ provider_type: 'oidc', identifier: 'custom:inside', issuer: `https://${host}/` })
    assert.deepEqual([oidc.status, oidc.body.error_code], [400, 'validation_failed'], `${host}: ${oidc.raw}`)
    const oauth2 = await create({ provider_type: 'oauth2', identifier: 'custom:inside', authorization_url: 'https://203.0.113.1/a', token_url: `https://${host}/t`, userinfo_url: 'https://203.0.113.1/u' })
    assert.equal(oauth2.status, 400, host)
  }
  // whatever the database says
  await server.database.sql(`insert into auth.custom_oauth_providers (provider_type, identifier, name, client_id, client_secret, pkce_enabled, authorization_url, token_url, userinfo_url)
    values ('oauth2', 'custom:sly', 'N', 'c', 's', false, 'https://203.0.113.1/a', 'https://127.0.0.1:${inside.port}/secret', 'https://127.0.0.1:${inside.port}/secret');
    insert into auth.custom_oauth_providers (provider_type, identifier, name, client_id, client_secret, issuer) values ('oidc', 'custom:slyer', 'N', 'c', 's', 'https://127.0.0.1:${inside.port}')`)
  const end = await callback((await authorize('provider=custom:sly')).state)
  assert.match(end.query.get('error_description'), /^Unable to exchange external code/)
  const refused = await server.call('GET', '/authorize?provider=custom:slyer')
  assert.match(refused.body.msg, /URL cannot point to localhost or loopback addresses/)
  assert.deepEqual([inside.asked, inside.connections], [[], 0])
})

test('a discovery document that points inward leads nowhere', async () => {
  const issuer = 'https://127.0.0.1:1', place = `https://127.0.0.1:${inside.port}/secret`
  const document = { issuer, authorization_endpoint: 'https://203.0.113.1/a', token_endpoint: place, userinfo_endpoint: place, jwks_uri: place }
  // as if a public place had answered this before; that place is away now
  await server.database.sql(`insert into latchkey.oidc_documents (location, issuer, document, fetched_at) values ('${issuer}/.well-known/openid-configuration', '${issuer}', '${JSON.stringify(document)}', now());
    insert into auth.custom_oauth_providers (provider_type, identifier, name, client_id, client_secret, issuer) values ('oidc', 'custom:deep', 'N', 'c', 's', '${issuer}')`)
  const { url, state } = await authorize('provider=custom:deep')
  assert.equal(url.origin, 'https://203.0.113.1', 'the document is known')
  assert.match((await callback(state)).query.get('error_description'), /^Unable to exchange external code/)
  const token = await idTokenGrant({ provider: 'custom:deep', id_token: idToken(good, { iss: issuer, aud: 'c', sub: 's', email: 'deep@corp.io', email_verified: true }) })
  assert.deepEqual([token.status, token.body.error_description], [400, 'Bad ID token'])
  assert.deepEqual([inside.asked, inside.connections], [[], 0])
})

test('a name with NUL is no provider', async () => {
  for (const name of ['github%00', 'github%00evil', 'custom:sly%00', '%00'])
    assert.equal((await server.call('GET', `/authorize?provider=${name}`)).status, 400, name)
})

// ---- wallets --------------------------------------------------------------------------------------------------------------------------------------------------------------

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
function base58(bytes) {
  let number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`), text = ''
  for (; number > 0n; number /= 58n) text = BASE58[Number(number % 58n)] + text
  return '1'.repeat(bytes.findIndex((byte) => byte !== 0)) + text
}
function wallet({ domain = 'app.example.com', uri = 'https://app.example.com/', issued = new Date(), more = '' } = {}) {
  const { privateKey, publicKey } = crypto.generateKeyPairSync('ed25519')
  const address = base58(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32))
  const message = `${domain} wants you to sign in with your Solana account:\n${address}\n\nURI: ${uri}\nVersion: 1\nIssued At: ${issued.toISOString()}${more}\nRequest ID: ${crypto.randomUUID()}`
  return { chain: 'solana', message, signature: crypto.sign(null, Buffer.from(message), privateKey).toString('base64') }
}
const walletIn = (json) => server.call('POST', '/token?grant_type=web3', { json })

test('a wallet\'s message is accepted once, also by requests at once', async () => {
  const one = wallet(), answers = await Promise.all([walletIn(one), walletIn(one), walletIn(one)])
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 400, 400])
  const again = await walletIn(one)
  assert.deepEqual([again.status, again.body.error, again.body.error_description], [400, 'invalid_grant', 'Signed Solana message was already used'])
})

test('a message for another app, another key, another time', async () => {
  const refused = async (json, pattern) => {
    const answer = await walletIn(json)
    assert.equal(answer.status, 400, answer.raw)
    assert.match(answer.body.error_description ?? answer.body.msg, pattern)
  }
  await refused(wallet({ domain: 'evil.example' }), /Domain that does not match/)
  await refused(wallet({ domain: 'evil.example', uri: 'https://evil.example/' }), /not allowed on this server/)
  await refused(wallet({ uri: 'http://app.example.com/' }), /HTTPS/)
  await refused(wallet({ uri: 'https://app.example.com@evil.example/' }), /not allowed on this server/)
  await refused({ ...wallet(), signature: wallet().signature }, /Signature does not match/)
  const changed = wallet()
  await refused({ ...changed, message: changed.message.replace('Version: 1', 'Version:  1') }, /Signature does not match/)
  await refused(wallet({ issued: new Date(Date.now() - 11 * 60000) }), /too long ago/)
  await refused(wallet({ issued: new Date(Date.now() + 11 * 60000) }), /too far in the future/)
  await refused(wallet({ issued: new Date(Date.now() - 60000), more: `\nExpiration Time: ${new Date(Date.now() - 1000).toISOString()}` }), /is expired/)
  await refused(wallet({ more: `\nNot Before: ${new Date(Date.now() + 60000).toISOString()}` }), /becomes valid in the future/)
})

// ---- a provider that never answers ------------------------------------------------------------------------------------------------------------------------------------------

test('a provider that never answers costs its own users time and nobody else', async () => {
  const person = (await server.call('POST', '/signup', { json: {} })).body
  github.routes['/login/oauth/access_token'] = null
  const states = await Promise.all(Array.from({ length: 4 }, async () => (await authorize()).state))
  const waiting = states.map((state) => callback(state))
  await wait(200)
  const times = []
  for (let i = 0; i < 100; i++) {
    const began = performance.now()
    assert.equal((await server.call('GET', '/user', { bearer: person.access_token })).status, 200)
    times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  assert.ok(times[95] < 250, `95 of 100 within ${times[95]} ms`)
  for (const end of await Promise.all(waiting)) assert.ok([302, 503, 504].includes(end.status), `${end.status}`)
})
