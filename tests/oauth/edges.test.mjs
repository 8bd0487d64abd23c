// Edges of contract 07 that no transcript shows: odd answers of token endpoints, odd states, what the database cannot hold.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { serve, sign } from '../api/lib/server.mjs'
import { stub } from './lib/stub.mjs'

let server, github
before(async () => {
  github = await stub({
    '/api/v3/user': { id: 4711, login: 'octo' },
    '/api/v3/user/emails': [{ email: 'octo@corp.io', verified: true, primary: true }],
  })
  server = await serve({
    GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true', GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: 'client', GOTRUE_EXTERNAL_GITHUB_SECRET: 'secret',
    GOTRUE_EXTERNAL_GITHUB_REDIRECT_URI: 'http://127.0.0.1/callback', GOTRUE_EXTERNAL_GITHUB_URL: github.url, GOTRUE_SITE_URL: 'https://app.example.com',
    GOTRUE_EXTERNAL_TWITTER_ENABLED: 'true', GOTRUE_EXTERNAL_TWITTER_CLIENT_ID: 'client', GOTRUE_EXTERNAL_TWITTER_SECRET: 'secret',
    GOTRUE_EXTERNAL_TWITTER_REDIRECT_URI: 'http://127.0.0.1/callback', GOTRUE_EXTERNAL_TWITTER_URL: github.url,
  })
})
after(async () => { await server?.stop(); await github?.close() })

const authorize = async () => new URL((await server.call('GET', '/authorize?provider=github')).headers.get('location')).searchParams.get('state')
const admin = () => sign({ role: 'service_role', aud: 'authenticated' })

// The raw query and fragment of where the browser is sent.
async function callback(state, code = 'authcode') {
  const answer = await server.call('GET', `/callback?state=${state}&code=${code}`)
  return answer.headers.get('location')
}

test('answers of a token endpoint', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }, good = true, bad = false
  const cases = [
    ['access_token=a&scope=b%20c', form, good], ['access_token=a&x=%zz', form, bad], ['access_token=a;x=1', { 'content-type': 'text/plain; charset=utf-8' }, bad],
    ['access_token=a', { 'content-type': 'text/plain' }, good], ['access_token=&x=1', form, bad], ['{"access_token":"a"}', { 'content-type': '' }, good],
    ['{"ACCESS_TOKEN":"a","Expires_In":"3600"}', {}, good], ['{"access_token":"a","expires_in":"x"}', {}, bad], ['{"access_token":"a","error":"e"}', {}, bad],
    ['{"access_token":5}', {}, bad], ['{"access_token":"a"}}', {}, bad], ['[]', {}, bad], ['null', {}, bad], ['', {}, bad],
  ]
  for (const [body, headers, works] of cases) {
    github.routes['/login/oauth/access_token'] = () => ({ raw: true, body, headers })
    const location = await callback(await authorize())
    assert.equal(/#access_token=/.test(location), works, `${body}: ${location}`)
    if (!works) assert.match(location, /error_description=Unable\+to\+exchange\+external\+code%3A\+auth#/)
  }
})

test('fields of a Twitter profile that cannot be read are not there, the others are', async () => {
  const location = async (body) => {
    Object.assign(github.routes, { '/oauth/request_token': { raw: true, body: 'oauth_token=r&oauth_token_secret=s' }, '/oauth/access_token': { raw: true, body: 'oauth_token=a&oauth_token_secret=s' },
      '/1.1/account/verify_credentials.json': { raw: true, body } })
    await server.call('GET', '/authorize?provider=twitter')
    const state = await server.database.value("select id from auth.flow_state where provider_type = 'twitter' order by created_at desc limit 1")
    return (await server.call('GET', `/callback?state=${state}&oauth_token=r&oauth_verifier=v`)).headers.get('location')
  }
  for (const body of ['{"id_str":"tw-1","name":5,"screen_name":[],"email":"tw@corp.io"}', '{"id_str":"tw-1","email":"tw@corp.io"}trailing'])
    assert.match(await location(body), /#access_token=/, body)
  assert.equal(await server.database.value("select identity_data - 'iss' from auth.identities where provider = 'twitter'"),
    '{"sub": "tw-1", "email": "tw@corp.io", "provider_id": "tw-1", "email_verified": true, "phone_verified": false}')
  for (const body of ['', '[]', 'null', '{"id_str":"tw-1","email":5}', '{"id_str":"tw-1","email":"tw@corp.io"'])
    assert.match(await location(body), /Error\+getting\+user\+email/, body)
})

test('four bytes of the code are shown, not four characters', async () => {
  github.routes['/login/oauth/access_token'] = () => ({ raw: true, status: 500, body: '' })
  const state = await authorize()
  for (const [code, shown] of [['abc%E2%82%AC', 'abc%E2'], ['ab', 'ab'], ['a%22%0Ab', 'a%22%0Ab']])
    assert.match(await callback(state, code), new RegExp(`error_description=Unable\\+to\\+exchange\\+external\\+code%3A\\+${shown}#`), code)
  for (const line of server.log().split('\n').filter((line) => line.startsWith('{'))) JSON.parse(line)
})

test('spellings of a state', async () => {
  const state = await authorize(), plain = state.replaceAll('-', '')
  const known = (text) => callback(encodeURIComponent(text)).then((location) => /external\+code/.test(location))
  for (const text of [state, state.toUpperCase(), plain, `{${state}}`, `{${plain}}`, `urn:uuid:${state}`, `urn:uuid:${plain}`]) assert.ok(await known(text), text)
  for (const text of [`URN:UUID:${state}`, `urn:uuid:{${state}}`, `${state} `, `{${state}`, `${state}0`, `${plain.slice(1)}`]) assert.ok(!(await known(text)), text)
})

test('what the database cannot hold makes no provider', async () => {
  const good = { provider_type: 'oauth2', identifier: 'custom:nul', name: 'Nul', client_id: 'c', client_secret: 's',
    authorization_url: 'https://203.0.113.10/a', token_url: 'https://203.0.113.10/t', userinfo_url: 'https://203.0.113.10/u' }
  const post = (changes) => server.call('POST', '/admin/custom-providers', { json: { ...good, ...changes }, bearer: admin() })
  const cases = [
    [{ name: 'a\0b' }, 500, 'Error creating custom OAuth provider'], [{ client_id: '\0' }, 500, 'Error creating custom OAuth provider'],
    [{ client_secret: 's\0' }, 500, 'Error creating custom OAuth provider'], [{ scopes: ['a\0'] }, 500, 'Error creating custom OAuth provider'],
    [{ attribute_mapping: { name: '\0' } }, 500, 'Error creating custom OAuth provider'], [{ identifier: 'custom:a\0b' }, 500, 'Error checking for existing provider'],
    [{ token_url: 'https://203.0.113.10/\0' }, 400, 'Invalid URL format'],
  ]
  for (const [changes, status, message] of cases) {
    const answer = await post(changes)
    assert.deepEqual([answer.status, answer.body.msg], [status, message], JSON.stringify(changes))
  }
  assert.equal(await server.database.value('select count(*) from auth.custom_oauth_providers'), '0')
  assert.equal((await post({})).status, 201)
  for (const changes of [{ name: '\0' }, { client_id: 'c\0' }, { client_secret: 's\0' }]) {
    const answer = await server.call('PUT', '/admin/custom-providers/custom:nul', { json: changes, bearer: admin() })
    assert.deepEqual([answer.status, answer.body.msg], [500, 'Error updating custom OAuth provider'])
  }
  assert.equal(await server.database.value("select name || client_id || client_secret from auth.custom_oauth_providers"), 'Nulcs')
})
