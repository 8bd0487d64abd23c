// The page of a link (LATCHKEY_VERIFY_PAGE) on a phone without script: it is read, pressed, and ends in the app.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import http from 'node:http'
import { chromium } from 'playwright-core'
import { serve } from '../api/lib/server.mjs'
import { hash, recovering, sessions } from '../api/lib/tokens.mjs'
import { CHROMIUM } from '../lib/chromium.mjs'

let server, site, browser, app
before(async () => {
  // an app that sends on to another host of its own, as many do
  site = http.createServer((request, response) => {
    if (request.url === '/start') return response.writeHead(302, { location: `http://127.0.0.1:${site.address().port}/home` }).end()
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>App</title><h1>Welcome</h1>')
  })
  await new Promise((listening) => site.listen(0, listening))
  app = `http://localhost:${site.address().port}`
  server = await serve({ GOTRUE_SITE_URL: app, GOTRUE_RATE_LIMIT_HEADER: 'X-Never-Sent', GOTRUE_MAILER_AUTOCONFIRM: 'false', LATCHKEY_VERIFY_PAGE: 'on' }, { prefix: '/auth/v1' })
  browser = await chromium.launch(CHROMIUM)
})
after(async () => {
  await browser?.close()
  await server?.stop()
  site?.closeAllConnections()
  site?.close()
})

async function phone(t, options = {}) {
  const context = await browser.newContext({ viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true, javaScriptEnabled: false, ...options })
  t.after(() => context.close())
  const page = await context.newPage(), complaints = []
  page.on('console', (message) => complaints.push(message.text()))
  return Object.assign(page, { complaints })
}
const link = (one, target) => `${server.base}/verify?${new URLSearchParams({ token: hash(one.email), type: 'recovery', redirect_to: target })}`

for (const [locale, title, button] of [['en-GB', 'Reset your password', 'Continue'], ['de-DE', 'Passwort zurücksetzen', 'Weiter'], ['fr-FR', 'Réinitialisez votre mot de passe', 'Continuer'], ['es-ES', 'Restablece tu contraseña', 'Continuar']]) {
  test(`on a small phone (${locale}) the page shows one button, and pressing it signs in at the app`, async (t) => {
    const one = await recovering(server.database), page = await phone(t, { locale })
    await page.goto(link(one, `${app}/welcome`))
    await page.reload()
    assert.equal(await page.title(), title)
    assert.equal(await page.locator('h1').textContent(), title)
    const press = page.getByRole('button', { name: button }), box = await press.boundingBox()
    assert.ok(box.height >= 44 && box.width >= 200 && box.x >= 0 && box.x + box.width <= 320 && box.y + box.height <= 568, JSON.stringify(box))
    assert.equal(await page.getByRole('button').count(), 1)
    assert.equal(await press.evaluate((element) => getComputedStyle(element).cursor), 'pointer', 'the style is let through by the policy')
    assert.equal(await sessions(server.database, one), '0')
    await press.tap()
    await page.waitForURL((at) => at.origin === app)
    assert.match(page.url(), /\/welcome#access_token=/)
    assert.equal(await page.locator('h1').textContent(), 'Welcome')
    assert.equal(await sessions(server.database, one), '1')
    assert.deepEqual(page.complaints, [])
  })
}

test('the app may send on to another host', async (t) => {
  const one = await recovering(server.database), page = await phone(t)
  await page.goto(link(one, `${app}/start`))
  await page.getByRole('button').tap()
  await page.waitForURL((at) => at.pathname === '/home')
  assert.equal(new URL(page.url()).hostname, '127.0.0.1')
  assert.match(page.url(), /#access_token=/)
})

test('a page that a site loads ahead uses nothing up, and no site can frame it', async (t) => {
  const one = await recovering(server.database), page = await phone(t, { javaScriptEnabled: true }), target = link(one, `${app}/welcome`)
  await page.goto(`${app}/`)
  const refused = page.waitForEvent('console', { predicate: (message) => /frame-ancestors|X-Frame-Options/i.test(message.text()) })
  await page.evaluate((url) => {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: url }))
    document.body.append(Object.assign(document.createElement('iframe'), { src: url }))
  }, target)
  await refused
  assert.equal(await sessions(server.database, one), '0')
  await page.goto(target)
  await page.getByRole('button').tap()
  await page.waitForURL((at) => at.origin === app)
  assert.equal(await sessions(server.database, one), '1')
})
