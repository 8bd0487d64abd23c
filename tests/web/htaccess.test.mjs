// Shared hosting: the program, its private settings and a .htaccess dropped into a folder of a site whose Apache has mod_fcgid.
import test, { after, before, describe } from 'node:test'
import assert from 'node:assert/strict'
import { serve, token } from './lib/serve.mjs'

for (const prefix of ['/auth/v1', '']) describe(`.htaccess in ${prefix || 'the root of a site'}`, { concurrency: false }, () => {
  let site
  before(async () => { site = await serve({ server: 'htaccess', prefix }) })
  after(() => site?.stop())

  test('serves', async () => {
    const health = await site.ask('GET', '/health')
    assert.equal(health.status, 200)
    assert.equal(health.json().name, 'GoTrue')
    const settings = await site.ask('GET', '/settings?a=b')
    assert.equal(settings.status, 200)
    assert.equal(settings.json().external.email, true)
  })

  test('settings and rules of the folder are served to nobody', async () => {
    for (const name of ['/latchkey.env', '/.htaccess', '/./latchkey.env', '/latchkey%2Eenv']) {
      const answer = await site.ask('GET', name)
      assert.notEqual(answer.status, 200, name)
      assert.doesNotMatch(answer.text, /JWT_SECRET|RewriteEngine/)
    }
  })

  test('the Authorization header arrives', async () => {
    const without = await site.ask('GET', '/user'), wrong = await site.ask('GET', '/user', { headers: { authorization: 'Bearer x.y.z' } })
    assert.deepEqual([without.status, without.json().error_code], [401, 'no_authorization'])
    assert.deepEqual([wrong.status, wrong.json().error_code], [403, 'bad_jwt'])
    assert.equal((await site.ask('GET', '/user', { headers: { authorization: `Bearer ${token()}` } })).status, 503) // good, and there is no database
  })

  test('methods, bodies and unknown paths', async () => {
    assert.equal((await site.ask('HEAD', '/nothing')).status, 404)
    const unknown = await site.ask('GET', '/nothing/here')
    assert.equal(unknown.status, 404)
    const refused = await site.ask('POST', '/token?grant_type=password', { headers: { 'content-type': 'application/json' }, body: '{"email":' })
    assert.deepEqual([refused.status, refused.json().error_code], [400, 'bad_json'])
    const preflight = await site.ask('OPTIONS', '/token', { headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST' } })
    assert.equal(preflight.status, 204)
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*')
  })
})
