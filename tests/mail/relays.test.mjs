// Relays: which is asked, what TLS and sign-in they want, and what an answer of theirs does to the request.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { certificates, Relay, idOf } from './lib/relay.mjs'
import { mail, start, wait } from './lib/bench.mjs'

let certs
before(() => { certs = certificates() })

async function bench(t, relays, env = {}) {
  const list = await Promise.all(relays.map((behave) => new Relay(behave).listen()))
  const server = await start({ LATCHKEY_SMTP_RELAYS: list.map((relay, i) => relays[i].url?.(relay.port) ?? `smtp://127.0.0.1:${relay.port}`).join(' '), ...env })
  t.after(async () => { await server.stop(); await Promise.all(list.map((relay) => relay.close())) })
  return { server, relays: list }
}

test('a mail leaves in the request and the outbox says so, without its content', async (t) => {
  const { server, relays: [relay] } = await bench(t, [{}])
  assert.equal((await server.invite('ann@example.net')).status, 200)
  const row = await server.row('ann@example.net')
  assert.deepEqual({ state: row.state, attempts: row.attempts, erased: row.erased, answer: row.answer }, { state: 'sent', attempts: 1, erased: true, answer: '250 2.0.0 kept' })
  assert.equal(relay.mails.length, 1)
  assert.equal(idOf(relay.mails[0]), row.id)
  assert.equal(relay.mails[0].from, 'auth@example.org')
  assert.equal(relay.hello, 'auth.example.org')
})

test('a relay that fails in a passing way is passed by, and left alone after that', async (t) => {
  const { server, relays: [first, second] } = await bench(t, [{ on: { greeting: '421 4.3.2 going down' } }, {}])
  for (const name of ['a', 'b', 'c']) assert.equal((await server.invite(`${name}@example.net`)).status, 200)
  assert.equal(second.mails.length, 3)
  assert.equal(first.connections, 1)
  const entry = server.entries().find((one) => one.msg === 'a mail relay did not take a mail for now')
  assert.equal(entry.relay, `smtp://127.0.0.1:${first.port}`)
  assert.equal(entry.code, 421)
  assert.match(entry.meaning, /takes no mail/)
  assert.ok(!JSON.stringify(server.entries().filter((one) => one.mail_id)).includes('@'))
})

test('a black-holed relay costs the first request its share of the budget, the next nothing', async (t) => {
  const { server, relays: [, second] } = await bench(t, [{ silent: 'greeting' }, {}], { LATCHKEY_MAIL_BUDGET: '2s' })
  const first = await server.invite('a@example.net'), next = await server.invite('b@example.net')
  assert.equal(first.status, 200)
  assert.ok(first.took > 900 && first.took < 2000, `${first.took} ms`)
  assert.equal(next.status, 200)
  assert.ok(next.took < 400, `${next.took} ms`)
  assert.equal(second.mails.length, 2)
})

for (const [what, on] of Object.entries({ 'the recipient': { rcpt: '550 5.1.1 <x@example.net> unknown' }, 'the message': { body: '554 5.7.1 looks like spam' } })) {
  test(`${what} refused for good: an error, nothing is kept, the log has the code and its meaning`, async (t) => {
    const { server, relays: [relay, second] } = await bench(t, [{ on }, {}])
    const answer = await server.invite('ann@example.net')
    assert.equal(answer.status, 500)
    assert.equal(answer.body.msg, 'Error sending invite email')
    assert.equal(await server.users(), 0)
    assert.equal(await server.row('ann@example.net'), undefined)
    assert.equal(second.connections, 0)
    const entry = server.entries().find((one) => one.msg === 'a mail relay refused a mail for good')
    assert.equal(entry.code, Number((on.rcpt ?? on.body).slice(0, 3)))
    assert.match(entry.meaning, on.rcpt ? /no such mailbox/ : /by its rules/)
    assert.ok(!JSON.stringify(server.entries().filter((one) => one.mail_id)).includes('@'))
    relay.behave = {}
    assert.equal((await server.invite('ann@example.net')).status, 200)
  })
}

const passing = {
  'refuses the sender (550 to MAIL FROM)': { on: { mail: '550 5.7.1 not you' } },
  'wants a second time (450 to RCPT TO)': { on: { rcpt: '450 4.7.1 greylisted' } },
  'has no room (452 after DATA)': { on: { body: '452 4.3.1 full' } },
  'closes after EHLO': { hangUp: 'ehlo' },
  'closes in the middle of DATA': { hangUp: 'data' },
  'says nothing to RCPT TO': { silent: 'rcpt' },
  'refuses at the greeting (554)': { on: { greeting: '554 5.3.2 not now' } },
  'answers nonsense': { on: { greeting: 'HTTP/1.1 400 Bad Request' } },
  'answers with other numbers': { on: { mail: '999 what', ehlo: '250 relay' } },
}
for (const [what, behave] of Object.entries(passing)) {
  test(`a single relay that ${what}: the flow succeeds and the mail waits in the outbox`, async (t) => {
    const { server, relays: [relay] } = await bench(t, [behave], { LATCHKEY_MAIL_BUDGET: '1s' })
    const answer = await server.invite('ann@example.net')
    assert.equal(answer.status, 200, answer.raw + server.log())
    assert.ok(answer.took < 1500, `${answer.took} ms`)
    const row = await server.row('ann@example.net')
    assert.equal(row.state, 'waiting')
    assert.equal(row.erased, false)
    assert.equal(relay.mails.length, 0)
    // and once the relay is well, it goes
    relay.behave = {}
    assert.equal((await mail(server.database, { LATCHKEY_SMTP_RELAYS: `smtp://127.0.0.1:${relay.port}` }, 'retry', row.id)).status, 0)
    assert.equal(relay.mails.length, 1)
    assert.equal(idOf(relay.mails[0]), row.id)
    assert.equal((await server.row('ann@example.net')).erased, true)
  })
}

// ---- hostile bytes ----

const hostile = {
  'a banner of a megabyte': { on: { greeting: '220-' + 'x'.repeat(1 << 20) + '\r\n220 relay' } },
  'a banner without end': { on: { greeting: '220 ' + 'x'.repeat(8 << 20) }, noLineEnd: true },
  'an answer of a hundred thousand lines': { on: { ehlo: '250-x\r\n'.repeat(100000) + '250 x' } },
  'one byte at a time': { drip: 30 },
  'NULs and control bytes': { on: { greeting: '220 \0\x01\x1b[31m relay', mail: '451 \0\x07\r 4.3.0 no' } },
}
for (const [what, behave] of Object.entries(hostile)) {
  test(`a relay with ${what} costs the budget at most; the mail is neither lost nor sent twice`, { timeout: 30000 }, async (t) => {
    const { server, relays: [relay, second] } = await bench(t, [behave, {}], { LATCHKEY_MAIL_BUDGET: '2s' })
    const answer = await server.invite('ann@example.net')
    assert.equal(answer.status, 200, answer.raw)
    assert.ok(answer.took < 2500, `${answer.took} ms`)
    assert.equal(relay.mails.length + second.mails.length, 1)
    assert.equal((await server.row('ann@example.net')).state, 'sent')
    assert.ok(server.log().split('\n').every((line) => line === '' || !/[\x00-\x1f]/.test(line)))
    assert.equal((await server.call('GET', '/health')).status, 200)
  })
}

// ---- TLS and sign-in ----

const url = (rest, extra = '') => (port) => `smtp://${rest}localhost:${port}${extra}`

test('STARTTLS is used where it is offered, with a certificate that fits', async (t) => {
  const { server, relays: [relay] } = await bench(t, [{ starttls: true, tls: certs.host, url: url('', `?cafile=${certs.ca}`) }])
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal(relay.mails[0]?.inTls, true, server.log())
})

test('many mails through STARTTLS, and a relay that speaks TLS 1.3 only', async (t) => {
  const { server, relays: [relay] } = await bench(t, [{ starttls: true, tls: certs.host, url: url('', `?cafile=${certs.ca}`) }])
  for (let i = 0; i < 15; i++) assert.ok((await server.invite(`a${i}@example.net`)).took < 3000)
  relay.behave.tls = { ...certs.host, minVersion: 'TLSv1.3' }
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal(relay.mails.length, 16)
  assert.ok(relay.mails.every((one) => one.inTls))
})

test('the authorities of SSL_CERT_FILE count', async (t) => {
  const { server, relays: [relay] } = await bench(t, [{ starttls: true, tls: certs.host, url: url('') }], { SSL_CERT_FILE: certs.ca })
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal(relay.mails[0]?.inTls, true)
})

const untrusted = { 'an unknown authority': ['host', ''], 'another name': ['stranger', 'ca'] }
for (const [what, [pair, ca]] of Object.entries(untrusted)) {
  for (const implicit of [false, true]) {
    test(`a certificate with ${what} (${implicit ? 'TLS from the start' : 'STARTTLS'}) is a passing failure, nothing is sent`, async (t) => {
      const extra = ca ? `?cafile=${certs.ca}` : ''
      const { server, relays: [relay] } = await bench(t, [{ starttls: !implicit, implicit, tls: certs[pair], url: (port) => `${implicit ? 'smtps' : 'smtp'}://localhost:${port}${extra}` }], { SSL_CERT_FILE: '' })
      assert.equal((await server.invite('ann@example.net')).status, 200)
      assert.equal(relay.mails.length, 0)
      assert.equal(relay.attempts.length, 0)
      assert.equal((await server.row('ann@example.net')).state, 'waiting')
      assert.equal(server.entries().find((one) => one.stage)?.stage, 'STARTTLS', server.log())
    })
  }
}

test('a pinned key takes the place of the chain, another key does not pass', async (t) => {
  const other = Buffer.alloc(32, 1).toString('base64')
  for (const implicit of [false, true]) {
    for (const [pin, sent] of [[certs.pin, 1], [other, 0]]) {
      const { server, relays: [relay] } = await bench(t, [{ starttls: !implicit, implicit, tls: certs.host, url: (port) => `${implicit ? 'smtps' : 'smtp'}://localhost:${port}?pin=sha256//${pin}` }])
      assert.equal((await server.invite('ann@example.net')).status, 200)
      assert.equal(relay.mails.length, sent, server.log())
      if (sent) assert.equal(relay.mails[0].inTls, true)
    }
  }
})

test('TLS from the start (port 465) goes through', async (t) => {
  const { server, relays: [relay] } = await bench(t, [{ implicit: true, tls: certs.host, auth: 'PLAIN', users: { u: 'p w:ü' }, url: (port) => `smtps://u:p%20w%3A%C3%BC@localhost:${port}?cafile=${certs.ca}` }])
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal(relay.mails[0]?.user, 'u', server.log())
  assert.equal((await server.row('ann@example.net')).answer, '250 2.0.0 kept')
})

test('tls=required sends nothing in clear, and says so', async (t) => {
  const { server, relays: [relay] } = await bench(t, [{ url: url('', '?tls=required') }])
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal(relay.attempts.length, 0)
  assert.match(server.log(), /no STARTTLS/)
})

test('a relay that no longer offers STARTTLS is suspected', async (t) => {
  const { server, relays: [relay] } = await bench(t, [{ starttls: true, tls: certs.host, url: url('', `?cafile=${certs.ca}`) }])
  assert.equal((await server.invite('a@example.net')).status, 200)
  relay.behave = {}
  assert.equal((await server.invite('b@example.net')).status, 200)
  assert.equal(relay.mails.length, 1)
  assert.match(server.log(), /did somebody strip it/)
})

const logins = {
  'CRAM-MD5 wherever it stands': ['PLAIN LOGIN CRAM-MD5', 'CRAM-MD5'],
  'PLAIN before LOGIN': ['LOGIN PLAIN', 'PLAIN'],
  'PLAIN also behind NTLM': ['NTLM PLAIN', 'PLAIN'],
  'LOGIN where there is nothing else': ['LOGIN', 'LOGIN'],
}
for (const [what, [auth, way]] of Object.entries(logins)) {
  test(`sign-in takes ${what}`, async (t) => {
    const { server, relays: [relay] } = await bench(t, [{ auth, ...(way === 'CRAM-MD5' ? {} : { users: { 'a user': 'pass' } }), url: url('a%20user:pass@') }])
    assert.equal((await server.invite('ann@example.net')).status, 200)
    assert.equal(relay.mails.length, 1, server.log())
    assert.equal(relay.way, way)
    assert.equal(relay.mails[0].user, 'a user')
  })
}

test('a refused sign-in is passing; the mail is not sent without it', async (t) => {
  const { server, relays: [relay] } = await bench(t, [{ auth: 'PLAIN', users: { u: 'right' }, url: url('u:wrong@') }])
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal(relay.attempts.length, 0)
  assert.equal((await server.row('ann@example.net')).state, 'waiting')
  assert.match(server.entries().find((one) => one.stage === 'AUTH').meaning, /password is wrong/)
  assert.ok(!server.log().includes('wrong@') && !server.log().includes('dXdyb25n'))
})

test('PLAIN is not sent in clear to another host', async (t) => {
  const { server, relays: [relay] } = await bench(t, [{ address: '127.0.0.2', auth: 'PLAIN LOGIN', url: (port) => `smtp://u:geheim@127.0.0.2:${port}` }])
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal(relay.way, undefined)
  assert.equal((await server.row('ann@example.net')).state, 'waiting')
  assert.match(server.entries().find((one) => one.stage === 'AUTH').answer, /not sent over a connection without TLS/)
})

test('a relay that offers no sign-in gets the mail without one', async (t) => {
  const { server, relays: [relay] } = await bench(t, [{ url: url('u:p@') }])
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal(relay.mails.length, 1)
})

// ---- sendmail ----

test('a local sendmail program takes mails and may refuse them', async (t) => {
  const { mkdtempSync, writeFileSync, chmodSync, readFileSync } = await import('node:fs')
  const { tmpdir } = await import('node:os')
  const { join } = await import('node:path')
  const dir = mkdtempSync(join(tmpdir(), 'sm-')), program = join(dir, 'sendmail')
  const script = (status) => { writeFileSync(program, `#!/bin/sh\necho "$@" >${dir}/args\ncat >${dir}/mail\nexit ${status}\n`); chmodSync(program, 0o755) }
  script(0)
  const server = await start({ LATCHKEY_SMTP_RELAYS: `sendmail://${program}` })
  t.after(() => server.stop())
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal(readFileSync(join(dir, 'args'), 'utf8'), '-i -f auth@example.org -- ann@example.net\n')
  assert.ok(!readFileSync(join(dir, 'mail'), 'utf8').includes('\r'))
  script(67)
  assert.equal((await server.invite('bob@example.net')).status, 500)
  script(75)
  assert.equal((await server.invite('cy@example.net')).status, 200)
  assert.equal((await server.row('cy@example.net')).state, 'waiting')
})

// ---- the operator's try ----

test('latchkey mail test shows the conversation without secrets', async (t) => {
  const relay = await new Relay({ auth: 'PLAIN LOGIN', starttls: true, tls: certs.host, users: { u: 'geheim' } }).listen()
  t.after(() => relay.close())
  const { status, out } = await mail({ url: 'postgres://nobody@127.0.0.1:9/x' }, { LATCHKEY_SMTP_RELAYS: `smtp://u:geheim@localhost:${relay.port}?cafile=${certs.ca}` }, 'test', 'ann@example.net')
  assert.equal(status, 0, out)
  assert.match(out, /> EHLO auth\.example\.org[\s\S]*> STARTTLS[\s\S]*> AUTH PLAIN …[\s\S]*> RCPT TO:<ann@example\.net>[\s\S]*< 250 2\.0\.0 kept[\s\S]*sent/)
  assert.ok(!out.includes('geheim') && !out.includes(Buffer.from('\0u\0geheim').toString('base64')))
  assert.equal(relay.mails.length, 1)
})
