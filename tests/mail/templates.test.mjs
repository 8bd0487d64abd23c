// Templates that are broken: told at the start and by latchkey mail check, and what becomes of the mail.
import test from 'node:test'
import assert from 'node:assert/strict'
import http from 'node:http'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Relay } from './lib/relay.mjs'
import { mail, start, wait } from './lib/bench.mjs'

function folder(files) {
  const dir = mkdtempSync(join(tmpdir(), 'templates-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return dir
}
const nobody = { url: 'postgres://nobody@127.0.0.1:9/x' }
const prefix = 'templatemailer: template type '
const told = (server) => server.entries().filter(({ msg }) => msg?.startsWith(prefix)).map(({ event, msg, level }) => [event, msg.slice(prefix.length).split(': ')[0], level])

test('what is broken is told at the start, each with its kind and language; mails go out with the built-in one', async (t) => {
  const dir = folder({
    'confirm.html': '<p>{{ .Token }}</p>', 'confirm.de.html': '<p>{{ nonsense .Token }}</p>', 'confirm.fr.html': '<p>{{ .Token }}</p>', 'confirm.fr.html.subject': '{{ if }}', 'confirm.notes.and.more.html': '{{',
    'runs.html': '{{ len .Data.missing }}', 'large.html': 'x'.repeat(10 << 20), 'round.html': '{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}',
  })
  const relay = await new Relay().listen()
  const server = await start({
    LATCHKEY_SMTP_RELAYS: `smtp://127.0.0.1:${relay.port}`, GOTRUE_MAILER_TEMPLATES_CONFIRMATION: `file://${dir}/confirm.html`, GOTRUE_MAILER_TEMPLATES_INVITE: `file:${dir}/not-there.html`,
    GOTRUE_MAILER_TEMPLATES_RECOVERY: `file://${dir}/runs.html`, GOTRUE_MAILER_TEMPLATES_MAGIC_LINK: `file://${dir}/large.html`, GOTRUE_MAILER_TEMPLATES_REAUTHENTICATION: `file://${dir}/round.html`,
    GOTRUE_MAILER_SUBJECTS_EMAIL_CHANGE: 'Hi {{ .Email', GOTRUE_MAILER_TEMPLATE_MAX_SIZE: '100000',
  })
  t.after(async () => { await server.stop(); await relay.close() })
  for (const end = Date.now() + 10000; Date.now() < end && told(server).length < 7;) await wait(20)
  assert.deepEqual(told(server).sort(), [
    ['templatemailer_template_body_http_error', '"invite"', 'error'],
    ['templatemailer_template_body_parse_error', '"confirmation" in de', 'error'],
    ['templatemailer_template_execute_error', '"reauthentication"', 'error'],
    ['templatemailer_template_execute_error', '"recovery"', 'error'],
    ['templatemailer_template_subject_parse_error', '"confirmation" in fr', 'error'],
    ['templatemailer_template_subject_parse_error', '"email_change"', 'error'],
    ['templatemailer_template_too_large', '"magic_link"', 'error'],
  ])
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.match((await relay.mailTo('ann@example.net')).raw, /^Subject: You.*ve been invited$/m)
})

test('a server whose templates are good, or its own, says nothing', async (t) => {
  const dir = folder({ 'invite.html': '<p>{{ .Data.name }} {{ .Token }}</p>', 'invite.de-AT.html': 'ja {{ .Token }}', 'invite.de-AT.html.subject': 'Servus' })
  const server = await start({ GOTRUE_MAILER_TEMPLATES_INVITE: `file://${dir}/invite.html`, GOTRUE_MAILER_SUBJECTS_RECOVERY: 'Hi {{ .Email }}' })
  t.after(() => server.stop())
  await server.invite('ann@example.net')
  assert.deepEqual(told(server), [])
})

test('latchkey mail check names each and fails; it asks addresses as well, and their cut is told', async (t) => {
  const pages = { '/good.html': [200, 'ok {{ .Token }}'], '/bad.html': [200, '{{ end }}'], '/gone.html': [404, ''], '/large.html': [200, 'x'.repeat(10 << 20)] }
  const site = http.createServer((request, response) => { const [status, text] = pages[request.url]; response.writeHead(status).end(text) })
  await new Promise((ready) => site.listen(0, '127.0.0.1', ready))
  t.after(() => { site.closeAllConnections(); site.close() })
  const at = (path) => `http://127.0.0.1:${site.address().port}${path}`
  const good = await mail(nobody, { GOTRUE_MAILER_TEMPLATES_INVITE: at('/good.html') }, 'check')
  assert.equal(good.status, 0, good.out + good.err)
  assert.match(good.out, /^invite: good$/m)
  const { status, out, err } = await mail(nobody, {
    GOTRUE_MAILER_TEMPLATES_INVITE: at('/good.html'), GOTRUE_MAILER_TEMPLATES_RECOVERY: at('/bad.html'), GOTRUE_MAILER_TEMPLATES_MAGIC_LINK: at('/gone.html'), GOTRUE_MAILER_TEMPLATES_EMAIL_CHANGE: at('/large.html'),
  }, 'check')
  assert.equal(status, 1)
  assert.deepEqual(out.split('\n').filter((line) => line.includes('broken')).map((line) => line.split(':')[0]).sort(), ['email_change', 'magic_link', 'recovery'])
  for (const word of ['templatemailer_template_body_parse_error', 'answered with status 404', 'templatemailer_template_too_large']) assert.ok(err.includes(word), err)
})
