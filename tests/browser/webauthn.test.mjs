// Passkeys and security keys as people use them: Chromium with its virtual authenticator, a page on an origin of its own, the official client.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { serve, sign, claims } from '../api/lib/server.mjs'
import { CHROMIUM, openSite } from '../lib/chromium.mjs'

const PASSWORD = 'correct horse battery 9', CLIENT = readFileSync(new URL('node_modules/@supabase/supabase-js/dist/umd/supabase.js', import.meta.url))
let server, site, browser, page, authenticators
before(async () => {
  site = await openSite(CLIENT)
  const { origin } = site
  server = await serve({
    GOTRUE_SITE_URL: origin, GOTRUE_CORS_ALLOWED_HEADERS: 'apikey', GOTRUE_PASSKEY_ENABLED: 'true', GOTRUE_MFA_WEB_AUTHN_ENROLL_ENABLED: 'true', GOTRUE_MFA_WEB_AUTHN_VERIFY_ENABLED: 'true',
    GOTRUE_WEBAUTHN_RP_ID: 'localhost', GOTRUE_WEBAUTHN_RP_DISPLAY_NAME: 'App', GOTRUE_WEBAUTHN_RP_ORIGINS: origin,
  }, { prefix: '/auth/v1' })
  browser = await chromium.launch(CHROMIUM)
  page = await browser.newPage()
  await page.goto(origin)
  await page.evaluate(([url, key]) => {
    window.client = supabase.createClient(url, key, { auth: { autoRefreshToken: false, experimental: { passkey: true } } })
    // what a call gave, without what cannot leave the page
    window.told = ({ data, error }) => JSON.parse(JSON.stringify({ data, error: error && { name: error.name, message: error.message, code: error.code, status: error.status } }))
  }, [`http://127.0.0.1:${server.port}`, sign({ role: 'anon' })])
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  authenticators = {
    add: async (options = {}) => (await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...options },
    })).authenticatorId,
    remove: (authenticatorId) => devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
    credentials: async (authenticatorId) => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  }
})
after(async () => {
  await browser?.close()
  await server?.stop()
  site?.close()
})

const ask = async (what, ...args) => page.evaluate(what, ...args)
async function good(what, ...args) {
  const { data, error } = await ask(what, ...args)
  assert.equal(error, null, JSON.stringify(error))
  return data
}
let number = 0
async function signUp() {
  const email = `browser-${++number}@example.com`
  await good(async (credentials) => told(await client.auth.signUp(credentials)), { email, password: PASSWORD })
  return email
}
const signOut = () => ask(async () => told(await client.auth.signOut()))

test('a passkey is registered and signs in, is renamed and removed', async () => {
  const authenticator = await authenticators.add()
  try {
    const email = await signUp()
    const passkey = await good(async () => told(await client.auth.registerPasskey()))
    assert.equal(passkey.friendly_name, 'Passkey')
    const [kept] = await authenticators.credentials(authenticator)
    assert.equal(kept.rpId, 'localhost')
    assert.equal(await server.database.value(`select email from auth.users where id = convert_from(decode('${kept.userHandle}', 'base64'), 'utf8')::uuid`), email)
    const again = await ask(async () => told(await client.auth.registerPasskey()))
    assert.ok(again.error, 'the same authenticator is not registered twice')

    await signOut()
    const { session, user } = await good(async () => told(await client.auth.signInWithPasskey()))
    assert.equal(user.email, email)
    assert.deepEqual([claims(session.access_token).aal, claims(session.access_token).amr[0].method], ['aal1', 'passkey'])
    assert.equal(await server.database.value(`select sign_count from auth.webauthn_credentials where id = '${passkey.id}'`), String((await authenticators.credentials(authenticator))[0].signCount))

    const [listed] = await good(async () => told(await client.auth.passkey.list()))
    assert.ok(listed.last_used_at)
    assert.equal((await good(async (id) => told(await client.auth.passkey.update({ passkeyId: id, friendlyName: 'My laptop' })), passkey.id)).friendly_name, 'My laptop')
    await good(async (id) => told(await client.auth.passkey.delete({ passkeyId: id })), passkey.id)
    assert.deepEqual(await good(async () => told(await client.auth.passkey.list())), [])
    await signOut()
    const refused = await ask(async () => told(await client.auth.signInWithPasskey()))
    assert.deepEqual([refused.error?.code, refused.error?.status], ['webauthn_verification_failed', 400])
  } finally { await authenticators.remove(authenticator) }
})

test('a passkey on a roaming key signs in', async () => {
  const authenticator = await authenticators.add({ transport: 'usb' })
  try {
    const email = await signUp()
    await good(async () => told(await client.auth.registerPasskey()))
    assert.equal(await server.database.value('select transports from auth.webauthn_credentials order by created_at desc limit 1'), '["usb"]')
    await signOut()
    assert.equal((await good(async () => told(await client.auth.signInWithPasskey()))).user.email, email)
  } finally { await authenticators.remove(authenticator) }
})

test('a security key as second factor raises the session', async () => {
  const authenticator = await authenticators.add({ transport: 'usb', hasResidentKey: false, hasUserVerification: false, isUserVerified: false })
  try {
    const email = await signUp()
    await good(async () => told(await client.auth.mfa.webauthn.register({ friendlyName: 'key' })))
    const level = () => good(async () => told(await client.auth.mfa.getAuthenticatorAssuranceLevel()))
    assert.equal((await level()).currentLevel, 'aal2')
    await signOut()
    await good(async (credentials) => told(await client.auth.signInWithPassword(credentials)), { email, password: PASSWORD })
    assert.deepEqual([(await level()).currentLevel, (await level()).nextLevel], ['aal1', 'aal2'])
    const factors = await good(async () => told(await client.auth.mfa.listFactors()))
    assert.equal(factors.webauthn.length, 1)
    await good(async (factorId) => told(await client.auth.mfa.webauthn.authenticate({ factorId })), factors.webauthn[0].id)
    assert.equal((await level()).currentLevel, 'aal2')
    const session = await good(async () => told(await client.auth.getSession()))
    assert.deepEqual(claims(session.session.access_token).amr.map(({ method }) => method).sort(), ['mfa/webauthn', 'password'])
  } finally { await authenticators.remove(authenticator) }
})
