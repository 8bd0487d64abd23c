// A real relay between us and the mailbox: Postfix with STARTTLS, TLS from the start, and a sign-in.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { postfix } from './lib/postfix.mjs'
import { certificates, idOf, Relay } from './lib/relay.mjs'
import { mail, start, wait } from './lib/bench.mjs'

let certs, box, relay
before(async () => {
  certs = certificates()
  box = await new Relay().listen()
  relay = await postfix({ certs, next: box.port })
})
after(async () => { await relay?.stop(); await box.close() })

const sign = () => `${relay.name}:${encodeURIComponent(relay.pass)}@`
async function bench(t, url, env = {}) {
  if (!relay) return t.skip('without Postfix: root and Debian’s package are needed')
  const settings = { LATCHKEY_SMTP_RELAYS: url(), ...env }, server = await start(settings)
  t.after(() => server.stop())
  return { server, ctl: (...words) => mail(server.database, settings, ...words) }
}
const ways = {
  STARTTLS: () => `smtp://${sign()}localhost:${relay.port}?tls=required&cafile=${certs.ca}`,
  'TLS from the start': () => `smtps://${sign()}localhost:${relay.tlsPort}?cafile=${certs.ca}`,
}

for (const [what, url] of Object.entries(ways)) {
  test(`through Postfix with ${what}: the mail arrives whole, its queue number is kept`, async (t) => {
    const { server, ctl } = await bench(t, url, { GOTRUE_SMTP_SENDER_NAME: 'Jörg, Shop', GOTRUE_MAILER_SUBJECTS_INVITE: 'Grüße – {{ .Email }}' }) ?? {}
    if (!server) return
    const address = `ann.${what.length}@example.net`
    assert.equal((await server.invite(address)).status, 200)
    const row = await server.row(address)
    assert.equal(row.state, 'sent', server.log() + relay.log())
    assert.match(row.answer, /^250 2\.0\.0 Ok: (\d+ bytes )?queued as \w+$/)
    const one = await box.mailTo(address, 15000)
    assert.equal(idOf(one), row.id)
    assert.equal(one.from, 'auth@example.org')
    assert.match(one.raw, /^Received: from auth\.example\.org .*\n/m)
    assert.match(one.raw, /with ESMTPSA id/)
    assert.match(one.raw, /^From: =\?UTF-8\?b\?SsO2cmcsIFNob3A=\?= <auth@example\.org>$/m)
    assert.match(one.raw, /^Subject: =\?UTF-8\?q\?Gr=C3=BC=C3=9Fe_=E2=80=93_ann\.\d+@example\.net\?=$/m)
    assert.match(one.raw, /^Auto-Submitted: auto-generated$/m)
    assert.match((await ctl('show', row.id)).out, /queued as/)
  })
  test(`Postfix with ${what} refuses for good, for now, and without the right password`, async (t) => {
    const { server } = await bench(t, url) ?? {}
    if (!server) return
    assert.equal((await server.invite('gone@example.net')).status, 500)
    assert.match(server.entries().find(({ stage }) => stage === 'RCPT TO').meaning, /no such mailbox/)
    assert.equal((await server.invite('full@example.net')).status, 200)
    assert.match((await server.row('full@example.net')).answer, /4\.2\.2/)
    const wrong = await bench(t, () => url().replace(encodeURIComponent(relay.pass), 'wrong'))
    assert.equal((await wrong.server.invite('ann@example.net')).status, 200)
    assert.equal((await wrong.server.row('ann@example.net')).state, 'waiting')
    assert.equal(wrong.server.entries().find(({ code }) => code === 535)?.stage, 'AUTH', wrong.server.log())
  })
}

test('Postfix without a sign-in does not relay, and the log says what to do', async (t) => {
  const { server } = await bench(t, () => `smtp://localhost:${relay.port}?cafile=${certs.ca}`) ?? {}
  if (!server) return
  assert.equal((await server.invite('ann@example.net')).status, 500)
  assert.match(server.entries().find(({ stage }) => stage === 'RCPT TO').meaning, /rules|sign-in/)
})

test('a run of the outbox hands Postfix hundreds of mails over one connection', { timeout: 60000 }, async (t) => {
  const { server, ctl } = await bench(t, ways.STARTTLS, { LATCHKEY_MAIL_DELIVERY: 'queue' }) ?? {}
  if (!server) return
  await server.database.sql(`insert into latchkey.outbox select gen_random_uuid(), 'invite', null, 'auth@example.org', array['n' || i || '@example.net'],
    convert_to(E'From: auth@example.org\\r\\nTo: n' || i || E'@example.net\\r\\nSubject: x\\r\\n\\r\\n.dot\\r\\n', 'utf8'),
    'waiting', now(), now() + interval '1 hour', now(), null, 0, '', '', now(), false from generate_series(1, 300) i`)
  const began = Date.now()
  assert.equal((await ctl('run')).status, 0)
  // the workers may have taken some of them
  while (await server.database.value(`select count(*) from latchkey.outbox where state <> 'sent'`) !== '0') await wait(20)
  t.diagnostic(`${Math.round(300 / ((Date.now() - began) / 1000))} mails a second`)
  assert.ok(await box.mailTo('n300@example.net', 20000))
  assert.match((await box.mailTo('n7@example.net', 20000)).raw, /\n\.dot\n/)
})
