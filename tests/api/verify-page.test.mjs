// LATCHKEY_VERIFY_PAGE: a link shows a page and uses nothing up; its form ends where the link would have (contract 06 section 5.6).
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { serve } from './lib/server.mjs'
import { hash, person, recovering, sessions } from './lib/tokens.mjs'

const APP = 'http://localhost:3000/welcome?a=1&b=<2>'
let server, db
before(async () => {
  server = await serve({
    GOTRUE_RATE_LIMIT_HEADER: 'X-Never-Sent', GOTRUE_MAILER_AUTOCONFIRM: 'false', GOTRUE_URI_ALLOW_LIST: 'http://localhost:3000/**,com.example.app://**', LATCHKEY_VERIFY_PAGE: 'on',
  }, { prefix: '/auth/v1' })
  db = server.database
})
after(() => server.stop())

const link = (token, type = 'recovery', target = APP) => `/verify?${new URLSearchParams({ token, type, redirect_to: target })}`
const press = (fields, path = '/verify') => server.call('POST', path, { text: new URLSearchParams(fields).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } })
const plain = (html) => html.replace(/&#3[49];|&lt;|&gt;|&amp;/g, (one) => ({ '&#34;': '"', '&#39;': "'", '&lt;': '<', '&gt;': '>', '&amp;': '&' })[one])
const fields = (html) => Object.fromEntries([...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [name, plain(value)]))

test('a link shows a page under a strict policy, however often, and its form ends in the redirect with tokens, once', async () => {
  const one = await recovering(db)
  for (let i = 0; i < 3; i++) await server.call('GET', link(hash(one.email)))
  const { status, headers, raw } = await server.call('GET', link(hash(one.email)))
  assert.equal(status, 200)
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8')
  const style = crypto.createHash('sha256').update(/<style>(.*?)<\/style>/s.exec(raw)[1]).digest('base64')
  assert.equal(headers.get('content-security-policy'), `default-src 'none'; style-src 'sha256-${style}'; form-action 'self' https: http:; base-uri 'none'; frame-ancestors 'none'`)
  for (const [name, value] of [['cache-control', 'no-store'], ['referrer-policy', 'no-referrer'], ['x-content-type-options', 'nosniff'], ['x-frame-options', 'DENY']]) assert.equal(headers.get(name), value)
  assert.ok(!/<script|<a |<img|<link|http-equiv| on\w+=/i.test(raw), raw)
  assert.match(raw, /<form method="post" action="\?"/)
  assert.deepEqual(fields(raw), { type: 'recovery', token: hash(one.email), redirect_to: APP })
  assert.equal(await sessions(db, one), '0')

  const answer = await press(fields(raw))
  assert.equal(answer.status, 303)
  assert.match(answer.headers.get('location'), /^http:\/\/localhost:3000\/welcome\?a=1&b=<2>#access_token=[^&]+&expires_at=\d+&expires_in=3600&refresh_token=[^&]+&sb=&token_type=bearer&type=recovery$/)
  assert.equal(await sessions(db, one), '1')
  const again = await press(fields(raw))
  assert.deepEqual([again.status, again.headers.get('location')], [303, 'http://localhost:3000/welcome?a=1&b=<2>#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired&sb='])
})

test('a link of a PKCE flow gives a code that can be exchanged', async () => {
  const one = await person(db), verifier = 'v'.repeat(50), challenge = crypto.createHash('sha256').update(verifier).digest('base64url')
  assert.equal((await server.call('POST', '/recover', { json: { email: one.email, code_challenge: challenge, code_challenge_method: 's256' } })).status, 200)
  const token = await db.value(`select recovery_token from auth.users where id = '${one.id}'`)
  assert.match(token, /^pkce_/)
  const { raw } = await server.call('GET', link(token))
  const answer = await press(fields(raw))
  assert.equal(answer.status, 303)
  const at = new URL(answer.headers.get('location'))
  assert.equal(at.hash, '')
  assert.equal(await sessions(db, one), '0')
  const exchanged = await server.call('POST', '/token?grant_type=pkce', { json: { auth_code: at.searchParams.get('code'), code_verifier: verifier } })
  assert.deepEqual([exchanged.status, exchanged.body.user?.email], [200, one.email])
})

test('errors end where they do without the page', async () => {
  const bad = await press({ type: 'signup', token: 'zzz' })
  assert.deepEqual([bad.status, bad.headers.get('location')], [303, 'http://localhost:3000#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired&sb='])
  const pkce = await press({ type: 'signup', token: 'pkce_zzz', redirect_to: 'http://localhost:3000/x?z=1' })
  assert.equal(new URL(pkce.headers.get('location')).searchParams.get('error_code'), 'otp_expired')
  const unknown = await press({ type: 'foo', token: 'x' })
  assert.equal(unknown.headers.get('location'), 'http://localhost:3000#error=invalid_request&error_code=validation_failed&error_description=Invalid+email+verification+type&sb=')
  const away = await press({ type: 'signup', token: 'zzz', redirect_to: 'https://evil.example/' })
  assert.ok(away.headers.get('location').startsWith('http://localhost:3000#'))
  for (const [query, msg] of [['', 'Verify requires a verification type'], ['?type=signup', 'Verify requires a token or a token hash']]) {
    for (const answer of [await server.call('GET', `/verify${query}`), await press({}, `/verify${query}`)]) assert.deepEqual([answer.status, answer.body.error_code, answer.body.msg], [400, 'validation_failed', msg])
  }
  for (const answer of [await server.call('GET', '/verify?type=foo&token=pkce_x'), await press({ type: 'foo', token: 'pkce_x' })]) assert.deepEqual([answer.status, answer.body.error_code], [500, 'unexpected_failure'])
})

test('the first of two confirmations goes through the page as well', async () => {
  const one = await person(db, {
    columns: (email) => `email_change = 'new-${email}', email_change_sent_at = now(), email_change_token_current = '${hash(email)}', email_change_token_new = '${hash(`new-${email}`)}'`,
    tokens: (email) => [['email_change_token_current', hash(email), email], ['email_change_token_new', hash(`new-${email}`), `new-${email}`]],
  })
  const { raw } = await server.call('GET', link(hash(one.email), 'email_change'))
  assert.match(raw, /<h1>Confirm the change of your email address<\/h1>/)
  assert.match((await press(fields(raw))).headers.get('location'), /#message=Confirmation\+link\+accepted\./)
  assert.match((await press({ type: 'email_change', token: hash(`new-${one.email}`) })).headers.get('location'), /#access_token=/)
})

test('nothing from the address reaches the page as markup, and no address that is not allowed reaches it at all', async () => {
  const evil = '"><script>alert(1)</script><b \'x'
  const { raw } = await server.call('GET', link(evil, evil, 'https://evil.example/"><script>'))
  assert.ok(!raw.includes('<script') && !raw.includes('<b '), raw)
  assert.deepEqual(fields(raw), { type: evil, token: evil, redirect_to: 'http://localhost:3000' })
})

test('an app of its own scheme may be where the form ends', async () => {
  const { headers, raw } = await server.call('GET', link('x', 'signup', 'com.example.app://login'))
  assert.match(headers.get('content-security-policy'), /form-action 'self' https: com\.example\.app:;/)
  assert.equal(fields(raw).redirect_to, 'com.example.app://login')
})

const languages = {
  '': ['en', 'Reset your password', 'Continue'], 'xx, de-AT;q=0.9, fr;q=0.8': ['de', 'Passwort zurücksetzen', 'Weiter'], 'FR': ['fr', 'Réinitialisez votre mot de passe', 'Continuer'],
  'es-419,en': ['es', 'Restablece tu contraseña', 'Continuar'], ';;,,*': ['en', 'Reset your password', 'Continue'], 'den': ['en', 'Reset your password', 'Continue'],
}
for (const [asked, [language, title, button]] of Object.entries(languages)) {
  test(`a browser that asks for “${asked}” reads ${language}`, async () => {
    const { headers, raw } = await server.call('GET', link('x'), { headers: { 'accept-language': asked } })
    assert.equal(headers.get('content-language'), language)
    assert.ok(raw.includes(`<html lang="${language}">`) && raw.includes(`<h1>${title}</h1>`) && raw.includes(`>${button}</button>`), raw)
  })
}

test('what nobody has pressed uses up no token: HEAD and fetching ahead', async () => {
  const one = await recovering(db)
  await server.call('HEAD', link(hash(one.email)))
  for (const headers of [{ 'sec-purpose': 'prefetch;prerender' }, { purpose: 'prefetch' }]) assert.equal((await server.call('GET', link(hash(one.email)), { headers })).status, 200)
  assert.equal(await sessions(db, one), '0')
  assert.match((await press({ type: 'recovery', token: hash(one.email) })).headers.get('location'), /#access_token=/)
})

test('clients that post JSON see no difference', async () => {
  const one = await recovering(db)
  const { status, body } = await server.call('POST', '/verify', { json: { type: 'recovery', token_hash: hash(one.email) } })
  assert.deepEqual([status, body.user?.email], [200, one.email])
  assert.equal((await server.call('POST', '/verify', { json: {} })).body.msg, 'Verify requires a verification type')
})

test('without the page a link works at once, a form is no JSON, and still nothing is used up by fetching ahead', async () => {
  const bare = await serve({ GOTRUE_RATE_LIMIT_HEADER: 'X-Never-Sent' }, { database: db })
  try {
    const one = await recovering(db), path = `/verify?type=recovery&token=${hash(one.email)}`
    const form = await bare.call('POST', '/verify', { text: `type=recovery&token=${hash(one.email)}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    assert.deepEqual([form.status, form.body.error_code], [400, 'bad_json'])
    await bare.call('HEAD', path)
    for (const headers of [{ 'sec-purpose': 'prefetch' }, { 'sec-purpose': 'prefetch;prerender' }, { purpose: 'Prefetch' }, { 'x-moz': 'prefetch' }, { 'x-purpose': 'preview' }]) {
      const answer = await bare.call('GET', path, { headers })
      assert.deepEqual([answer.status, answer.headers.get('cache-control')], [503, 'no-store'])
    }
    assert.equal(await sessions(db, one), '0')
    assert.match((await bare.call('GET', path, { headers: { 'sec-fetch-mode': 'navigate' } })).headers.get('location'), /#access_token=/)
  } finally { await bare.stop() }
})
