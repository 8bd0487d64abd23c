// Codes and links: single use under load, and where we are safer on purpose (docs/differences.md).
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { serve } from './lib/server.mjs'
import * as tokens from './lib/tokens.mjs'
import { CODE, hash } from './lib/tokens.mjs'

let server
before(async () => {
  server = await serve({ GOTRUE_RATE_LIMIT_HEADER: 'X-Never-Sent', GOTRUE_MAILER_AUTOCONFIRM: 'false', GOTRUE_EXTERNAL_PHONE_ENABLED: 'true', GOTRUE_SMS_TEST_OTP: '15551234567:424242' })
})
after(() => server.stop())

const verify = (json) => server.call('POST', '/verify', { json })
const person = (pending) => tokens.person(server.database, pending)
const recovering = () => tokens.recovering(server.database)
const sessions = (one) => tokens.sessions(server.database, one)

for (const [what, json] of [['code', ({ email }) => ({ type: 'recovery', email, token: CODE })], ['hash', ({ email }) => ({ type: 'recovery', token_hash: hash(email) })]]) {
  test(`of twelve who present one ${what} at once, one is let in`, async () => {
    for (let round = 0; round < 5; round++) {
      const one = await recovering()
      const answers = await Promise.all(Array.from({ length: 12 }, () => verify(json(one))))
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(11).fill(403)])
      assert.equal(await sessions(one), '1')
    }
  })
}

test('of a link followed twice at once, one is let in', async () => {
  const one = await recovering()
  const answers = await Promise.all(Array.from({ length: 6 }, () => server.call('GET', `/verify?type=recovery&token=${hash(one.email)}`)))
  const places = answers.map(({ headers }) => headers.get('location'))
  assert.equal(places.filter((place) => place.includes('#access_token=')).length, 1, places.join('\n'))
  assert.equal(places.filter((place) => place.includes('error_code=otp_expired')).length, 5)
  assert.equal(await sessions(one), '1')
})

test("the hash of a phone's code confirms no e-mail", async () => {
  const one = await person({
    columns: () => `phone = '15550009999', email_confirmed_at = null, confirmation_token = '${hash('15550009999')}', confirmation_sent_at = now()`,
    tokens: () => [['confirmation_token', hash('15550009999'), '15550009999']],
  })
  for (const type of ['signup', 'invite', 'email']) {
    const { status, body } = await verify({ type, token_hash: hash('15550009999') })
    assert.deepEqual([status, body.error_code], [403, 'otp_expired'], type)
  }
  assert.equal(await server.database.value(`select email_confirmed_at from auth.users where id = '${one.id}'`), undefined)
  assert.equal((await verify({ type: 'sms', phone: '15550009999', token: CODE })).status, 200)
})

test('a link to an address that the user no longer has is refused', async () => {
  const one = await recovering()
  await server.database.sql(`update auth.users set email = 'moved-${one.email}' where id = '${one.id}'`)
  assert.equal((await verify({ type: 'recovery', token_hash: hash(one.email) })).status, 403)
})

test('a change of address needs both codes, also in a PKCE flow', async () => {
  const next = (email) => `new-${email}`
  const one = await person({
    columns: (email) => `email_change = '${next(email)}', email_change_sent_at = now(), email_change_token_current = 'pkce_${hash(email)}', email_change_token_new = 'pkce_${hash(next(email), '654321')}'`,
    tokens: (email) => [['email_change_token_current', `pkce_${hash(email)}`, email], ['email_change_token_new', `pkce_${hash(next(email), '654321')}`, next(email)]],
  })
  const first = { type: 'email_change', email: one.email, token: CODE }
  assert.equal((await verify(first)).body.code, '200')
  assert.equal((await verify(first)).status, 403) // the same code again is no second confirmation
  const { status, body } = await verify({ type: 'email_change', email: next(one.email), token: '654321' })
  assert.equal(status, 200)
  assert.equal(body.user.email, next(one.email))
})

test('a hash for the new address alone confirms no more than that address', async () => {
  const one = await person({
    columns: (email) => `email_change = 'new-${email}', email_change_sent_at = now(), email_change_token_new = '${hash(`new-${email}`)}'`,
    tokens: (email) => [['email_change_token_new', hash(`new-${email}`), `new-${email}`]],
  })
  const json = { type: 'email_change', token_hash: hash(`new-${one.email}`) }
  assert.equal((await verify(json)).body.code, '200')
  assert.equal((await verify(json)).status, 403)
  assert.equal(await server.database.value(`select email from auth.users where id = '${one.id}'`), one.email)
})

test('an account made by a code has a password that is a hash like any other', async () => {
  assert.equal((await server.call('POST', '/otp', { json: { phone: '15551234567' } })).status, 200)
  const stored = await server.database.value(`select encrypted_password from auth.users where phone = '15551234567'`)
  assert.match(stored, /^\$2a\$10\$[./A-Za-z0-9]{53}$/)
  const { status, body } = await server.call('POST', '/token?grant_type=password', { json: { phone: '15551234567', password: 'whatever-it-is' } })
  assert.deepEqual([status, body.error_code], [400, 'invalid_credentials'])
})
