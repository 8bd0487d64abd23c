// Signing in with somebody else as people do it: Chromium, an app on an origin of its own, the official client, and an OpenID provider that
// none of us wrote; and with wallets.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { serve, sign, claims, freePort } from '../api/lib/server.mjs'
import { CHROMIUM, openSite } from '../lib/chromium.mjs'
import { signIn } from '../conform/lib/sign-in.mjs'
import { CLIENT, openProvider, signingKey, tokensOf } from './lib/provider.mjs'

let server, site, provider, browser
before(async () => {
  const port = await freePort(), own = await freePort(), redirectUri = `http://127.0.0.1:${own}/auth/v1/callback`
  site = await openSite(readFileSync(new URL('node_modules/@supabase/supabase-js/dist/umd/supabase.js', import.meta.url)))
  provider = await openProvider({ port, redirectUri, keys: [signingKey('RS256')] })
  server = await serve({
    GOTRUE_SITE_URL: site.origin, GOTRUE_CORS_ALLOWED_HEADERS: 'apikey', GOTRUE_MAILER_AUTOCONFIRM: 'false', GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
    GOTRUE_EXTERNAL_KEYCLOAK_ENABLED: 'true', GOTRUE_EXTERNAL_KEYCLOAK_CLIENT_ID: CLIENT.client_id, GOTRUE_EXTERNAL_KEYCLOAK_SECRET: CLIENT.client_secret,
    GOTRUE_EXTERNAL_KEYCLOAK_REDIRECT_URI: redirectUri, GOTRUE_EXTERNAL_KEYCLOAK_URL: provider.issuer,
    GOTRUE_EXTERNAL_WEB3_SOLANA_ENABLED: 'true', GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED: 'true',
  }, { prefix: '/auth/v1', port: own })
  browser = await chromium.launch(CHROMIUM)
})
after(async () => {
  await browser?.close()
  await server?.stop()
  await provider?.close()
  site?.close()
})

// A browser of somebody's own, at the app; every page that it comes to has the client. auth: the client's options.
async function visit(auth = {}) {
  const context = await browser.newContext()
  await context.addInitScript(([url, key, options]) => {
    window.told = ({ data, error }) => JSON.parse(JSON.stringify({ data, error: error && { name: error.name, message: error.message, code: error.code, status: error.status } }))
    window.addEventListener('DOMContentLoaded', () => { if (window.supabase) window.client = supabase.createClient(url, key, { auth: { autoRefreshToken: false, ...options } }) })
  }, [`http://127.0.0.1:${server.port}`, sign({ role: 'anon' }), auth])
  const page = await context.newPage()
  await page.goto(`${site.origin}/start`)
  const good = async (what, ...args) => {
    const { data, error } = await page.evaluate(what, ...args)
    assert.equal(error, null, JSON.stringify(error))
    return data
  }
  // what makes the browser leave, and where in the app it ends up
  const leave = async (what, ...args) => {
    await Promise.all([page.waitForURL((url) => url.origin === site.origin && url.pathname === '/back'), good(what, ...args)])
    return new URL(page.url())
  }
  return { page, good, leave, close: () => context.close() }
}
const withKeycloak = { provider: 'keycloak', options: { scopes: 'openid', redirectTo: '' } }
const options = () => ({ ...withKeycloak, options: { ...withKeycloak.options, redirectTo: `${site.origin}/back` } })
const user = async (there) => (await there.good(async () => told(await client.auth.getUser()))).user

test('signInWithOAuth, there and back, and exchangeCodeForSession', async () => {
  provider.signInAs('ann', { email: 'ann@corp.io', email_verified: true, name: 'Ann', preferred_username: 'ann' })
  const there = await visit({ flowType: 'pkce', detectSessionInUrl: false })
  try {
    const end = await there.leave(async (how) => told(await client.auth.signInWithOAuth(how)), options())
    assert.deepEqual([[...end.searchParams.keys()], end.hash], [['code'], ''])
    const { session } = await there.good(async (code) => told(await client.auth.exchangeCodeForSession(code)), end.searchParams.get('code'))
    assert.equal(session.user.email, 'ann@corp.io')
    assert.equal(session.user.user_metadata.full_name, 'Ann')
    assert.ok(session.provider_token)
    assert.equal((await user(there)).app_metadata.provider, 'keycloak')
    const again = await there.page.evaluate(async (code) => told(await client.auth.exchangeCodeForSession(code)), end.searchParams.get('code'))
    assert.ok(again.error, 'a code is good once')
  } finally { await there.close() }
})

test('the client finds its session in the address by itself: code and fragment', async () => {
  for (const flowType of ['pkce', 'implicit']) {
    provider.signInAs(`own-${flowType}`, { email: `${flowType}@corp.io`, email_verified: true })
    const there = await visit({ flowType })
    try {
      await there.leave(async (how) => told(await client.auth.signInWithOAuth(how)), options())
      const { session } = await there.good(async () => told(await client.auth.getSession()))
      assert.equal(session?.user.email, `${flowType}@corp.io`, flowType)
      assert.equal(claims(session.access_token).amr[0].method, 'oauth')
    } finally { await there.close() }
  }
})

test('an error comes back as the client shows it', async () => {
  provider.signInAs('eve', { email: 'eve@corp.io', email_verified: false })
  const there = await visit({ flowType: 'pkce', detectSessionInUrl: false })
  try {
    const end = await there.leave(async (how) => told(await client.auth.signInWithOAuth(how)), options())
    assert.equal(end.searchParams.get('error_code'), 'provider_email_needs_verification')
    assert.match(end.searchParams.get('error_description'), /^Unverified email with keycloak/)
  } finally { await there.close() }
})

test('linkIdentity and unlinkIdentity', async () => {
  provider.signInAs('bob', { email: 'bob@corp.io', email_verified: true })
  const there = await visit({ flowType: 'pkce', detectSessionInUrl: false })
  try {
    const { user: before } = await there.good(async () => told(await client.auth.signInAnonymously()))
    const end = await there.leave(async (how) => told(await client.auth.linkIdentity(how)), options())
    await there.good(async (code) => told(await client.auth.exchangeCodeForSession(code)), end.searchParams.get('code'))
    const linked = await user(there)
    assert.deepEqual([linked.id, linked.email, linked.is_anonymous], [before.id, 'bob@corp.io', false])
    const { identities } = await there.good(async () => told(await client.auth.getUserIdentities()))
    assert.deepEqual(identities.map((identity) => identity.provider), ['keycloak'])
    const refused = await there.page.evaluate(async (identity) => told(await client.auth.unlinkIdentity(identity)), identities[0])
    assert.equal(refused.error.code, 'single_identity_not_deletable')
  } finally { await there.close() }
})

test('signInWithIdToken with the provider\'s own token', async () => {
  provider.signInAs('cid', { email: 'cid@corp.io', email_verified: true })
  const nonce = crypto.randomUUID(), got = await tokensOf(provider, `${server.base}/callback`, crypto.createHash('sha256').update(nonce).digest('hex'))
  const there = await visit()
  try {
    const told = await there.good(async (what) => window.told(await client.auth.signInWithIdToken(what)), { provider: 'keycloak', token: got.id_token, access_token: got.access_token, nonce })
    assert.equal(told.user.email, 'cid@corp.io')
    const wrong = await there.page.evaluate(async (what) => window.told(await client.auth.signInWithIdToken(what)), { provider: 'keycloak', token: got.id_token, nonce: 'another' })
    assert.match(wrong.error.message, /nonce/i)
  } finally { await there.close() }
})

// A wallet that signs here what the page shows it.
async function wallet(page) {
  const signed = async (chain, message) => {
    const vars = {}
    await signIn.wallet({ chain, message, keep: 'w' }, { vars })
    return vars['w.signature']
  }
  const addresses = {}
  for (const chain of ['solana', 'ethereum']) {
    const vars = {}
    await signIn.wallet({ chain, message: '{address}', keep: 'w' }, { vars })
    addresses[chain] = vars['w.address']
  }
  await page.exposeFunction('signed', signed)
  await page.evaluate(({ solana, ethereum }) => {
    const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0))
    const fromHex = (text) => new TextDecoder().decode(Uint8Array.from(text.slice(2).match(/../g) ?? [], (pair) => parseInt(pair, 16)))
    window.solana = { publicKey: { toBase58: () => solana }, signMessage: async (message) => bytes(await signed('solana', new TextDecoder().decode(message))) }
    const answers = {
      eth_requestAccounts: () => [ethereum], eth_chainId: () => '0x1',
      personal_sign: ([message]) => signed('ethereum', message.startsWith('0x') ? fromHex(message) : message),
    }
    window.ethereum = { request: async ({ method, params }) => answers[method](params) }
  }, addresses)
  return addresses
}

test('signInWithWeb3: Solana and Ethereum', async () => {
  for (const chain of ['solana', 'ethereum']) {
    const there = await visit()
    try {
      const addresses = await wallet(there.page)
      const { session } = await there.good(async (how) => told(await client.auth.signInWithWeb3(how)), { chain, statement: 'I accept the terms' })
      assert.deepEqual([claims(session.access_token).amr[0].method, session.user.app_metadata.provider], ['web3', 'web3'])
      const shown = (await user(there)).user_metadata.custom_claims
      assert.deepEqual([shown.chain, shown.address.toLowerCase(), shown.statement], [chain, addresses[chain].toLowerCase(), 'I accept the terms'])
    } finally { await there.close() }
  }
})
