// What must fail: stolen and replayed codes, foreign clients and redirect URIs, forged consents, floods (contract 10; RFC 9700).
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { serve } from '../api/lib/server.mjs'
import { CHALLENGE, REDIRECT, SWITCHES, VERIFIER, failed, granted, provider, refused } from './lib/provider.mjs'

let idp, web, app, ann, bob
before(async () => {
  idp = await provider()
  web = await idp.register({ client_name: 'Web' })
  app = await idp.register({ client_name: 'App', token_endpoint_auth_method: 'none' })
  ann = await idp.person()
  bob = await idp.person()
})
after(() => idp?.stop())

const INVALID = ['invalid_grant', 'Invalid authorization code']
const long_ago = () => idp.sql("update latchkey.spent_codes set spent_at = spent_at - interval '11 seconds'")

test('a code is good once, and its replay ends what it gave', async () => {
  const code = await idp.code(web, ann), first = await granted(idp.exchange(web, code))
  refused(await idp.exchange(web, code), ...INVALID)
  assert.equal((await idp.userinfo(first.access_token)).status, 200, 'a form that was sent twice ends nothing')
  await long_ago()
  refused(await idp.exchange(web, code, { code_verifier: CHALLENGE }), ...INVALID)
  refused(await idp.exchange(app, code), ...INVALID)
  assert.equal((await idp.userinfo(first.access_token)).status, 200, 'nobody else ends it')
  refused(await idp.exchange(web, code), ...INVALID)
  failed(await idp.userinfo(first.access_token), 403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
  assert.equal((await idp.refresh(web, first.refresh_token)).status, 400)
})

test('of twenty exchanges at once one succeeds', async () => {
  const code = await idp.code(app, ann)
  const answers = await Promise.all(Array.from({ length: 20 }, () => idp.exchange(app, code)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  for (const answer of answers) if (answer.status !== 200) refused(answer, ...INVALID)
})

test('a refused exchange spends nothing', async () => {
  const code = await idp.code(web, ann)
  refused(await idp.exchange(web, code, { redirect_uri: `${REDIRECT}/` }), 'invalid_grant', 'Invalid redirect_uri')
  refused(await idp.exchange(web, code, { code_verifier: 'x'.repeat(43) }), 'invalid_grant', 'PKCE verification failed: code challenge does not match previously saved code verifier')
  await granted(idp.exchange(web, code, { redirect_uri: REDIRECT }))
})

test('redirect URIs that look like the registered one', async () => {
  const tricks = [`${REDIRECT}/`, `${REDIRECT}?x=1`, `${REDIRECT}#`, `${REDIRECT}%2f..`, `${REDIRECT}/../cb`, 'https://APP.example.org/cb', 'HTTPS://app.example.org/cb', 'https://app.example.org:443/cb',
    'https://app.example.org.evil.io/cb', 'https://app.example.org@evil.io/cb', 'https://evil.io/cb?https://app.example.org/cb', 'https://app.example.org\\@evil.io/cb', 'https://app.example.org/c', ` ${REDIRECT}`, `${REDIRECT}\u0000`, '//app.example.org/cb', 'javascript://app.example.org/cb']
  for (const redirect_uri of tricks) {
    const answer = await idp.authorize(web, { redirect_uri })
    failed(answer, 400, 'validation_failed', 'invalid redirect_uri')
    assert.equal(answer.headers.get('location'), null, redirect_uri)
  }
  const twice = await idp.call('GET', `/oauth/authorize?client_id=${web.id}&redirect_uri=${encodeURIComponent('https://evil.io/')}&redirect_uri=${encodeURIComponent(REDIRECT)}`)
  failed(twice, 400, 'validation_failed', 'invalid redirect_uri')
})

test('redirect URIs that nobody may register', async () => {
  for (const uri of ['https://a.io/x,javascript://h/', 'https://a.io/x,http://evil.io/', 'http://localhost@evil.io/', 'http://localhost.evil.io/', 'data://text/html', 'https:evil.io', ''])
    assert.equal((await idp.call('POST', '/oauth/clients/register', { json: { redirect_uris: [uri] } })).status, 400, uri)
})

test('what one client got is of no use to another', async () => {
  const code = await idp.code(web, ann)
  refused(await idp.exchange(app, code), 'invalid_grant', 'Authorization code was not issued for this client')
  const tokens = await granted(idp.exchange(web, code))
  refused(await idp.refresh(app, tokens.refresh_token), 'invalid_client', "Client does not match the session's OAuth client")
  const anonymous = await idp.call('POST', '/token?grant_type=refresh_token', { json: { refresh_token: tokens.refresh_token } })
  refused(anonymous, 'invalid_client', 'Client authentication required for OAuth session')
  const next = await granted(idp.refresh(web, tokens.refresh_token))
  assert.notEqual(next.refresh_token, tokens.refresh_token)
  const own = await idp.call('POST', '/token?grant_type=password', { json: { email: ann.email, password: 'correct horse battery 9' } })
  refused(await idp.refresh(web, own.body.refresh_token), 'invalid_client', 'Client authentication not allowed for non-OAuth session')
})

test('a confidential client has to prove who it is', async () => {
  const code = await idp.code(web, ann), form = { grant_type: 'authorization_code', code, code_verifier: VERIFIER, client_id: web.id }
  for (const [client, message] of [
    [{ id: web.id, public: true }, "invalid authentication method: client is registered for 'client_secret_basic' but 'none' was used"],
    [{ ...web, secret: web.secret.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) }, 'invalid client credentials'],
    [{ ...web, secret: '' }, 'confidential clients must provide client_secret'],
  ]) failed(await idp.token(client, form), 400, 'invalid_credentials', message)
  await granted(idp.exchange(web, code))
})

test('PKCE is neither left out nor weakened', async () => {
  for (const [query, description] of [
    [{ code_challenge: undefined, code_challenge_method: undefined }, 'PKCE flow requires both code_challenge and code_challenge_method'],
    [{ code_challenge_method: undefined }, 'PKCE flow requires both code_challenge and code_challenge_method'],
    [{ code_challenge_method: 'none' }, "code_challenge_method must be 'S256' or 'plain'"],
    [{ code_challenge: 'short' }, 'code_challenge must be between 43 and 128 characters'],
  ]) {
    const answer = await idp.authorize(app, query), location = new URL(answer.headers.get('location'))
    assert.deepEqual([location.searchParams.get('error'), location.searchParams.get('error_description')], ['invalid_request', description])
  }
  const code = await idp.code(app, ann)
  refused(await idp.exchange(app, code, { code_verifier: '' }), 'invalid_grant', 'PKCE verification failed: code_verifier is required when PKCE challenge is present')
  refused(await idp.exchange(app, code, { code_verifier: CHALLENGE, code_challenge_method: 'plain' }), 'invalid_grant', 'PKCE verification failed: code challenge does not match previously saved code verifier')
  await granted(idp.exchange(app, code))
})

test('scopes do not grow on the way', async () => {
  const client = await idp.register(), person = await idp.person()
  const tokens = await granted(idp.exchange(client, await idp.code(client, person, { scope: 'openid' }), { scope: 'openid email profile phone' }))
  assert.deepEqual(Object.keys((await idp.userinfo(tokens.access_token)).body), ['sub'])
  const next = await granted(idp.refresh(client, tokens.refresh_token, { scope: 'openid email profile' }))
  assert.deepEqual(Object.keys((await idp.userinfo(next.access_token)).body), ['sub'])
  assert.equal(next.id_token, undefined)
  const wider = await idp.open(await idp.asked(client, { scope: 'openid email' }), person)
  assert.equal(wider.body.redirect_url, undefined, 'an earlier consent to less does not answer for the user')
  assert.ok((await idp.open(await idp.asked(client, { scope: 'openid' }), person)).body.redirect_url, 'to as much it does')
})

test('only the user, and only on the consent page, consents', async () => {
  const missing = [404, 'oauth_authorization_not_found', 'authorization not found']
  const id = await idp.asked(web, { scope: 'openid phone' })
  assert.equal((await idp.consent(id)).status, 401)
  failed(await idp.consent(id, bob), ...missing)
  assert.equal((await idp.open(id, ann)).status, 200)
  failed(await idp.open(id, bob), ...missing)
  failed(await idp.consent(id, bob), ...missing)
  failed(await idp.consent(id, ann, 'approve', { origin: 'https://evil.io' }), 400, 'validation_failed', 'unauthorized request origin')
  failed(await idp.consent(id, ann, 'approve', { origin: 'null' }), 400, 'validation_failed', 'unauthorized request origin')
  failed(await idp.consent(id, ann, 'APPROVE'), 400, 'validation_failed', "action must be 'approve' or 'deny'")
  const form = await idp.call('POST', `/oauth/authorizations/${id}/consent`, { bearer: ann.token, headers: { 'content-type': 'application/x-www-form-urlencoded' }, text: 'action=approve' })
  failed(form, 400, 'bad_json', 'invalid JSON body')
  assert.equal((await idp.call('HEAD', `/oauth/authorizations/${id}`, { bearer: ann.token })).status, 405)
  assert.equal(await idp.value(`select status from auth.oauth_authorizations where authorization_id = '${id}'`), 'pending')
  assert.equal((await idp.consent(id, ann, 'deny')).status, 200)
  failed(await idp.consent(id, ann), 400, 'validation_failed', 'authorization request is no longer pending')
})

test('a deleted account gives no session, a grant that was taken back neither', async () => {
  const gone = await idp.person(), code = await idp.code(web, gone)
  assert.equal((await idp.call('DELETE', `/admin/users/${gone.id}`, { bearer: idp.admin, json: { should_soft_delete: true } })).status, 200)
  const answer = await idp.exchange(web, code)
  assert.equal(answer.status, 400)
  assert.equal(answer.body.error, 'invalid_grant', answer.raw)

  const person = await idp.person(), other = await idp.code(web, person)
  assert.equal((await idp.call('DELETE', `/user/oauth/grants?client_id=${web.id}`, { bearer: person.token })).status, 204)
  refused(await idp.exchange(web, other), ...INVALID)
})

test('clients and requests can be told from rubbish', async () => {
  for (const id of ['', 'x', '00000000-0000-0000-0000-000000000000', "'; drop table auth.users; --", '%00', 'a'.repeat(5000)])
    assert.equal((await idp.call('GET', `/oauth/authorize?client_id=${encodeURIComponent(id)}&redirect_uri=x`)).status, 400, id.slice(0, 40))
  for (const id of ['x', '%00', '%ff', "'--"]) assert.ok([404, 500].includes((await idp.open(id, ann)).status), id)
  for (const code of ['x', '\u0000', "' or true --", 'a'.repeat(100000)]) {
    const answer = await idp.exchange(web, code)
    assert.ok([400, 500].includes(answer.status), answer.raw)
    assert.ok(!answer.raw.includes('syntax'), answer.raw)
  }
  for (const body of ['', 'null', '[]', '{"redirect_uris":"https://a.io/"}', '{"redirect_uris":[1]}', '['.repeat(20000), `{"redirect_uris":["https://a.io/"],"client_name":"${'x'.repeat(1025)}"}`, '{"redirect_uris":["https://a.io/"],"client_name":"a\\u0000b"}'])
    assert.equal((await idp.call('POST', '/oauth/clients/register', { text: body })).status, 400, body.slice(0, 60))
})

test('what is repeated to the caller is repeated whole', async () => {
  const client = await idp.register(), register = (redirect_uri) => idp.call('POST', '/oauth/clients/register', { json: { redirect_uris: [redirect_uri] } })
  const failure = async (answer, ...names) => { const { body } = await answer; return names.map((name) => body[name]) }
  assert.deepEqual(await failure(register('https://a.io/\u0000x'), 'msg'), ["400: invalid redirect_uri 'https://a.io/\u0000x': invalid URL format"])
  assert.deepEqual(await failure(idp.token(client, { grant_type: 'a\u0000b' }), 'error_description'), ['Client is not allowed to use grant type: a\u0000b'])
  const target = new URL((await idp.authorize(client, { scope: 'a\u0000b' })).headers.get('location'))
  assert.equal(target.searchParams.get('error_description'), 'unsupported scope: a\u0000b')
})

test('floods end at their limits', async () => {
  const limited = await serve(SWITCHES, { database: idp.database })
  try {
    const register = () => limited.call('POST', '/oauth/clients/register', { json: { redirect_uris: [REDIRECT] } })
    const answers = []
    for (let i = 0; i < 40; i++) answers.push((await register()).status)
    assert.equal(answers.filter((status) => status === 201).length, 30, answers.join())
    assert.equal(answers.at(-1), 429)

    const query = new URLSearchParams({ client_id: web.id, redirect_uri: REDIRECT, code_challenge: CHALLENGE, code_challenge_method: 'S256' })
    let stopped = 0
    for (let i = 0; i < 500 && !stopped; i++) if ((await limited.call('GET', `/oauth/authorize?${query}`)).status === 429) stopped = i
    assert.ok(stopped >= 300 && stopped < 400, `after ${stopped}`)
    query.set('client_id', app.id)
    assert.equal((await limited.call('GET', `/oauth/authorize?${query}`)).status, 302, 'another client has a limit of its own')
  } finally { await limited.stop() }
})

test('what came to nothing is cleared away', async () => {
  const cleaning = await provider({ GOTRUE_DB_CLEANUP_ENABLED: 'true' }, { database: idp.database })
  try {
    const id = await cleaning.asked(web), young = await cleaning.asked(web)
    await cleaning.sql(`update auth.oauth_authorizations set created_at = now() - interval '26 hours', expires_at = now() - interval '25 hours' where authorization_id = '${id}'`)
    await cleaning.sql("update latchkey.spent_codes set spent_at = now() - interval '25 hours'")
    for (let i = 0; i < 20; i++) await cleaning.person()
    assert.equal(await cleaning.value(`select string_agg(authorization_id, '') from auth.oauth_authorizations where authorization_id in ('${id}', '${young}')`), young)
    assert.equal(await cleaning.value('select count(*) from latchkey.spent_codes'), '0')
  } finally { await cleaning.stop() }
})

test('no secret reaches the log', async () => {
  const code = await idp.code(web, ann, { state: 'state-that-is-secret', nonce: 'nonce-that-is-secret' }), tokens = await granted(idp.exchange(web, code)), log = idp.log()
  for (const secret of [code, web.secret, tokens.access_token, tokens.refresh_token, tokens.id_token, VERIFIER, 'state-that-is-secret', 'nonce-that-is-secret']) assert.ok(!log.includes(secret), secret)
})
