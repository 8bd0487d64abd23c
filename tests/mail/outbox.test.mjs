// The outbox: nothing is lost, nothing is sent twice, whatever dies at whatever moment.
import test from 'node:test'
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Relay, idOf } from './lib/relay.mjs'
import { admin, database, mail, start, wait } from './lib/bench.mjs'

async function bench(t, behave = {}, env = {}) {
  const relay = await new Relay(behave).listen()
  // the command sees what the workers remember
  const shared = join(mkdtempSync(join(tmpdir(), 'shared-')), 'segment')
  const settings = { LATCHKEY_SMTP_RELAYS: `smtp://127.0.0.1:${relay.port}`, LATCHKEY_MAIL_BUDGET: '1s', LATCHKEY_SHARED_FILE: shared, ...env }
  const server = await start(settings)
  t.after(async () => { await server.stop(); await relay.close() })
  return { relay, server, db: server.database, ctl: (...words) => mail(server.database, settings, ...words) }
}

const copies = (relay) => { const seen = new Map(); for (const one of relay.mails) seen.set(idOf(one), (seen.get(idOf(one)) || 0) + 1); return seen }
const leaseOver = (db) => db.sql(`update latchkey.outbox set lease_until = now() - interval '1 second' where state = 'sending'`)
const courier = async (server, ms = 5000) => {
  for (const end = Date.now() + ms; Date.now() < end; await wait(5)) { const found = server.processes().find(({ name }) => name === 'latchkey post'); if (found) return found }
}
const carrier = (server, child) => server.processes().find(({ pid }) => pid === child.parent)
const told = (server, words) => server.entries().filter((one) => one.msg?.includes(words))

// Which mail came how far from where it was put.
async function disorder(db, relay) {
  const order = new Map((await db.sql('select id from latchkey.outbox order by created_at')).map(([id], at) => [id, at]))
  return Math.max(...relay.mails.map((one, at) => Math.abs(order.get(idOf(one)) - at)))
}

test('all relays down under load: every flow answers, and once one is back every mail comes, none twice, oldest first', { timeout: 150000 }, async (t) => {
  const SECONDS = 20, RATE = 20, COUNT = SECONDS * RATE
  const [relay, other] = [await new Relay().listen(), await new Relay().listen()]
  const server = await start({ LATCHKEY_SMTP_RELAYS: `smtp://127.0.0.1:${relay.port} smtp://127.0.0.1:${other.port}`, LATCHKEY_MAIL_BUDGET: '1s', GOTRUE_RATE_LIMIT_OTP: '1000000', GOTRUE_RATE_LIMIT_HEADER: 'X-Never-Sent' })
  t.after(async () => { await server.stop(); await relay.close() })
  const db = server.database, port = relay.port
  await Promise.all([relay.close(), other.close()])
  await db.sql(`insert into auth.users (instance_id, id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
    select '00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', 'u' || i || '@example.net', now(), '{}', '{}', now(), now() from generate_series(0, ${COUNT}) i where i % 4 > 1`)
  const flows = [
    (email) => server.invite(email),
    (email) => server.call('POST', '/otp', { json: { email } }), // nobody yet: a confirmation
    (email) => server.call('POST', '/recover', { json: { email } }),
    (email) => server.call('POST', '/magiclink', { json: { email } }),
  ]
  const began = performance.now(), took = []
  await Promise.all(Array.from({ length: COUNT }, async (_, i) => {
    await wait(i * 1000 / RATE)
    const sent = performance.now(), answer = await flows[i % 4](`u${i}@example.net`)
    assert.equal(answer.status, 200, answer.raw)
    took.push(performance.now() - sent)
  }))
  assert.ok(performance.now() - began < (SECONDS + 5) * 1000)
  assert.ok(Math.max(...took) < 3000, `${Math.max(...took)} ms`)
  assert.equal(await db.value(`select count(*) from latchkey.outbox where state = 'waiting' and message is not null`), String(COUNT))
  relay.mails = []
  relay.connections = 0
  await relay.listen(port)
  for (const end = Date.now() + 90000; Date.now() < end && relay.mails.length < COUNT;) await wait(100)
  for (const end = Date.now() + 10000; Date.now() < end && await db.value(`select count(*) from latchkey.outbox where state <> 'sent'`) !== '0';) await wait(100)
  await wait(500)
  assert.equal(relay.mails.length, COUNT)
  assert.equal(copies(relay).size, COUNT)
  assert.deepEqual(await db.sql(`select state, count(*), count(message) from latchkey.outbox group by 1`), [['sent', String(COUNT), '0']])
  assert.ok(relay.connections < COUNT / 4, `kept connections: ${relay.connections}`)
  // four workers, twenty letters each at a time
  const far = await disorder(db, relay)
  assert.ok(far <= 100, `out of order by ${far}`)
})

test('queue: the answer does not wait for the relay', async (t) => {
  const { relay, server } = await bench(t, { delays: { body: 700 } }, { LATCHKEY_MAIL_DELIVERY: 'queue' })
  const answer = await server.invite('ann@example.net')
  assert.equal(answer.status, 200)
  assert.ok(answer.took < 600, `${answer.took}`)
  assert.ok(await relay.mailTo('ann@example.net'))
  assert.ok(await server.until('sent', 'ann@example.net'))
})

test('queue: a recipient refused for good is told in the log and by latchkey mail show', async (t) => {
  const { server, ctl } = await bench(t, { on: { rcpt: '550 5.1.1 no such user' } }, { LATCHKEY_MAIL_DELIVERY: 'queue' })
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.ok(await server.until('refused', 'ann@example.net'))
  const row = await server.row('ann@example.net')
  assert.equal(row.erased, true)
  const { out } = await ctl('show', row.id)
  assert.match(out, /state +refused[\s\S]*answer +550 5\.1\.1 no such user/)
  assert.equal(told(server, 'refused a mail for good').length, 1)
})

test('a letter that waits is tried with growing pauses', async (t) => {
  const { relay, server, db, ctl } = await bench(t, { on: { rcpt: '450 4.2.0 later' } })
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal((await server.row('ann@example.net')).state, 'waiting')
  const seen = []
  for (let i = 0; i < 3; i++) {
    await db.sql(`update latchkey.outbox set next_at = now() - interval '1 second'`)
    const before = (await server.row('ann@example.net')).attempts
    assert.match((await ctl('run')).out, /1 left for later/)
    assert.equal((await server.row('ann@example.net')).attempts, before + 1)
    seen.push(Math.round(Number(await db.value(`select extract(epoch from next_at - changed_at) from latchkey.outbox where recipients[1] = 'ann@example.net'`))))
  }
  assert.deepEqual(seen, [60, 120, 240])
  assert.equal(relay.connections > 0 && relay.mails.length, 0)
})

test('a batch that a slow relay takes longer for than a run may last: every mail once', { timeout: 90000 }, async (t) => {
  const COUNT = 12, { relay, server, db, ctl } = await bench(t, { on: { rcpt: '450 4.2.0 later' } })
  for (let i = 0; i < COUNT; i++) assert.equal((await server.invite(`slow-${i}@example.net`)).status, 200)
  assert.equal(await db.value(`select count(*) from latchkey.outbox where state = 'waiting'`), String(COUNT))
  relay.behave = { delays: { body: 700 } }
  for (const end = Date.now() + 60000; Date.now() < end && await db.value(`select count(*) from latchkey.outbox where state <> 'sent'`) !== '0';) {
    await db.sql(`update latchkey.outbox set next_at = now() - interval '1 second' where state = 'waiting'`)
    await leaseOver(db)
    await ctl('run')
  }
  await wait(2000) // whoever still carries one has ended by then
  assert.deepEqual(await db.sql('select state, count(*) from latchkey.outbox group by 1'), [['sent', String(COUNT)]])
  assert.deepEqual([...copies(relay).values()], Array(COUNT).fill(1))
})

test('what could not be sent before its code expired is given up, counted in the log, and forgotten in time', async (t) => {
  const { relay, server, db, ctl } = await bench(t, { on: { rcpt: '450 4.2.0 later' } }, { LATCHKEY_MAIL_KEEP: '1s' })
  await server.invite('ann@example.net')
  relay.behave = {}
  await db.sql(`update latchkey.outbox set expires_at = now() - interval '1 second'`)
  const { out } = await ctl('retry')
  assert.match(out, /0 sent, 0 left for later, 1 came to their end/)
  assert.equal(relay.mails.length, 0)
  const row = await server.row('ann@example.net')
  assert.deepEqual([row.state, row.erased], ['expired', true])
  await wait(1100)
  await ctl('run')
  assert.equal(await db.value('select count(*) from latchkey.outbox'), '0')
})

// ---- deaths ----

test('a worker killed before the message has left: the flow did not happen, and no mail came', async (t) => {
  const { relay, server } = await bench(t, { delays: { rcpt: 700 } }, { LATCHKEY_MAIL_BUDGET: '5s' })
  const answer = server.invite('ann@example.net').catch(() => ({ status: 0 }))
  const child = await courier(server)
  process.kill(carrier(server, child).pid, 'SIGKILL')
  assert.notEqual((await answer).status, 200)
  await wait(1500)
  assert.equal(await server.users(), 0)
  assert.equal(relay.mails.length, 0)
  assert.equal(await server.row('ann@example.net'), undefined)
})

test('a worker killed between the relay’s 250 and its note: the mail is not sent again', async (t) => {
  const { relay, server, db, ctl } = await bench(t, { delays: { body: 1200 } }, { LATCHKEY_MAIL_DELIVERY: 'queue' })
  assert.equal((await server.invite('ann@example.net')).status, 200)
  const child = await courier(server)
  for (const end = Date.now() + 3000; Date.now() < end && !relay.bodies;) await wait(5)
  process.kill(carrier(server, child).pid, 'SIGKILL')
  assert.ok(await relay.mailTo('ann@example.net'), 'the courier went on')
  assert.equal((await server.row('ann@example.net')).state, 'sending')
  await leaseOver(db)
  assert.equal((await ctl('run')).status, 0)
  assert.ok(await server.until('sent', 'ann@example.net'))
  assert.equal(relay.mails.filter((one) => one.to.includes('ann@example.net')).length, 1)
})

test('worker and courier killed before the message has left: it is sent by another, once', async (t) => {
  const { relay, server, db, ctl } = await bench(t, { delays: { data: 1500 } }, { LATCHKEY_MAIL_DELIVERY: 'queue' })
  await server.invite('ann@example.net')
  const child = await courier(server), parent = carrier(server, child)
  await wait(300)
  process.kill(child.pid, 'SIGKILL')
  process.kill(parent.pid, 'SIGKILL')
  relay.behave = {}
  await wait(300)
  await leaseOver(db)
  assert.equal((await ctl('run')).status, 0)
  assert.ok(await server.until('sent', 'ann@example.net'))
  assert.equal(relay.mails.filter((one) => one.to.includes('ann@example.net')).length, 1)
})

const steps = ['greeting', 'ehlo', 'mail', 'rcpt', 'data', 'body']

test('workers killed at each step of a delivery, before and after the answer: no mail is lost, none is sent twice', { timeout: 150000 }, async (t) => {
  const { relay, server, db, ctl } = await bench(t, {}, { LATCHKEY_MAIL_DELIVERY: 'queue', LATCHKEY_MAIL_BUDGET: '5s' })
  const reached = async (step) => { for (const end = Date.now() + 10000; Date.now() < end && relay.at !== step;) await wait(2); assert.equal(relay.at, step) }
  const mine = (address) => relay.mails.filter(({ to }) => to.includes(address)).map(idOf)
  for (const step of steps) {
    for (const both of [false, true]) {
      const address = `${step}-${both ? 'both' : 'worker'}@example.net`
      Object.assign(relay, { at: null, behave: { delays: { [step]: 700 } } })
      assert.equal((await server.invite(address)).status, 200)
      await reached(step)
      const child = await courier(server), parent = carrier(server, child)
      process.kill(parent.pid, 'SIGKILL') // first: it would note that its courier has died
      if (both) process.kill(child.pid, 'SIGKILL')
      relay.behave = {}
      // a courier goes on by itself; without one the relay may still take what it has whole
      if (!both || step === 'body') assert.ok(await relay.mailTo(address, 10000), address)
      for (const end = Date.now() + 5000; Date.now() < end && server.processes().some(({ name }) => name === 'latchkey post');) await wait(10)
      await leaseOver(db)
      assert.equal((await ctl('run')).status, 0)
      assert.ok(await server.until('sent', address), `${address}: ${JSON.stringify(await server.row(address))}`)
      const { id, erased, doubtful } = await server.row(address)
      // between the end of the message and the relay's answer nobody but the relay knows (RFC 1047): the same Message-ID again
      assert.deepEqual(mine(address), Array(both && step === 'body' ? 2 : 1).fill(id), address)
      assert.deepEqual([erased, doubtful], [true, true], address)
    }
  }
  assert.equal((await server.call('GET', '/health')).status, 200)
})

test('workers killed at each step of a delivery within the request: what is not committed has not happened', { timeout: 100000 }, async (t) => {
  const { relay, server } = await bench(t, {}, { LATCHKEY_MAIL_BUDGET: '5s' })
  for (const step of steps) {
    const address = `${step}@example.net`
    Object.assign(relay, { at: null, behave: { delays: { [step]: 700 } } })
    const answer = server.invite(address).catch(() => ({ status: 0 }))
    for (const end = Date.now() + 10000; Date.now() < end && relay.at !== step;) await wait(2)
    const child = await courier(server)
    process.kill(carrier(server, child).pid, 'SIGKILL')
    assert.notEqual((await answer).status, 200, step)
    relay.behave = {}
    for (const end = Date.now() + 5000; Date.now() < end && server.processes().some(({ name }) => name === 'latchkey post');) await wait(10)
    await wait(800)
    assert.equal(await server.users(), 0, step)
    assert.equal(await server.row(address), undefined, step)
    assert.equal(relay.mails.length, step === 'body' ? 1 : 0, step) // its link is dead
  }
})

test('PostgreSQL lost between the relay’s 250 and the note of a run: the mail is not sent again', async (t) => {
  const { relay, server, db, ctl } = await bench(t, { delays: { body: 900 } }, { LATCHKEY_MAIL_DELIVERY: 'queue' })
  assert.equal((await server.invite('ann@example.net')).status, 200)
  for (const end = Date.now() + 5000; Date.now() < end && !relay.bodies;) await wait(5)
  await db.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'supabase_auth_admin' and datname = current_database()`)
  assert.ok(await relay.mailTo('ann@example.net'))
  await wait(300)
  await leaseOver(db)
  assert.equal((await ctl('run')).status, 0)
  assert.ok(await server.until('sent', 'ann@example.net'))
  assert.equal(relay.mails.length, 1)
})

test('a relay that closes after the whole message, without a word: doubtful, sent again under the same Message-ID', async (t) => {
  const { relay, server, db, ctl } = await bench(t, { hangUp: 'body' })
  assert.equal((await server.invite('ann@example.net')).status, 200)
  const row = await server.row('ann@example.net')
  assert.deepEqual([row.state, row.erased], ['sending', false])
  assert.equal(told(server, 'does not say whether it keeps it').length, 1)
  relay.behave = {}
  await leaseOver(db)
  assert.match((await ctl('run')).err, /doubtful: the process that carried a mail/)
  assert.ok(await server.until('sent', 'ann@example.net'))
  assert.deepEqual(relay.mails.map(idOf), [row.id])
})

test('a relay that keeps the mail and does not say so: doubtful, sent again under the same Message-ID', async (t) => {
  const { relay, server, db, ctl } = await bench(t, { keepFirst: true, silent: 'body' })
  const answer = await server.invite('ann@example.net')
  assert.equal(answer.status, 200)
  assert.ok(answer.took < 1600)
  const row = await server.row('ann@example.net')
  assert.deepEqual([row.state, row.erased], ['sending', false])
  assert.equal(told(server, 'does not say whether it keeps it').length, 1)
  for (const one of server.processes().filter(({ name }) => name === 'latchkey post')) process.kill(one.pid, 'SIGKILL')
  relay.behave = {}
  await leaseOver(db)
  const ran = await ctl('run')
  for (const end = Date.now() + 5000; Date.now() < end && (await server.row('ann@example.net')).state !== 'sent';) await wait(100)
  const mine = relay.mails.filter((one) => one.to.includes('ann@example.net'))
  assert.deepEqual(mine.map(idOf), [row.id, row.id])
  assert.match(ran.err, /doubtful: the process that carried a mail/)
  assert.equal((await server.row('ann@example.net')).doubtful, true)
})

test('a relay whose last answer comes after the budget: the flow has succeeded, the mail is not sent again', async (t) => {
  const { relay, server, db, ctl } = await bench(t, { delays: { body: 2500 } })
  const answer = await server.invite('ann@example.net')
  assert.equal(answer.status, 200)
  assert.ok(answer.took < 1600)
  assert.equal((await server.row('ann@example.net')).state, 'sending')
  assert.ok(await relay.mailTo('ann@example.net'))
  await wait(200)
  relay.behave = {}
  await leaseOver(db)
  assert.equal((await ctl('run')).status, 0)
  assert.ok(await server.until('sent', 'ann@example.net'))
  assert.equal(relay.mails.filter((one) => one.to.includes('ann@example.net')).length, 1)
  assert.equal((await server.row('ann@example.net')).doubtful, true)
})

test('PostgreSQL lost between the relay’s 250 and COMMIT: 503, and the log says that a mail has left', async (t) => {
  const { relay, server, db } = await bench(t, { delays: { body: 600 } })
  const answer = server.invite('ann@example.net')
  for (const end = Date.now() + 3000; Date.now() < end && !relay.bodies;) await wait(5)
  await db.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'supabase_auth_admin' and state = 'idle in transaction'`)
  assert.equal((await answer).status, 503)
  assert.equal(await server.users(), 0)
  assert.equal(relay.mails.length, 1)
  assert.equal(told(server, 'doubtful: a mail has left').length, 1)
})

test('several runs at once carry each letter once', { timeout: 60000 }, async (t) => {
  const { relay, server, db, ctl } = await bench(t, { delays: { body: 5 }, on: { rcpt: '450 4.0.0 later' } })
  await server.invite('seed@example.net')
  relay.behave = { delays: { body: 3 } }
  await db.sql(`insert into latchkey.outbox select gen_random_uuid(), kind, user_id, sender, array['n' || i || '@example.net'],
    convert_to(replace(replace(convert_from(message, 'utf8'), 'seed@', 'n' || i || '@'), 'Message-ID: <', 'Message-ID: <' || i || '-'), 'utf8'),
    'waiting', now(), expires_at, now(), null, 0, '', '', now(), false from latchkey.outbox, generate_series(1, 300) i`)
  await db.sql(`delete from latchkey.outbox where recipients[1] = 'seed@example.net'`)
  await Promise.all([ctl('run'), ctl('run'), ctl('run'), server.invite('last@example.net')])
  for (const end = Date.now() + 30000; Date.now() < end && relay.mails.length < 301;) await wait(50)
  await wait(300)
  assert.equal(relay.mails.length, 301)
  assert.equal(new Set(relay.mails.map(({ to }) => to[0])).size, 301)
})

// ---- an e-mail change's two ----

test('the second of two change mails refused: nothing is kept, and the log says that the first has left', async (t) => {
  const { relay, server } = await bench(t, {}, { GOTRUE_MAILER_AUTOCONFIRM: 'true', GOTRUE_MAILER_SECURE_EMAIL_CHANGE_ENABLED: 'true' })
  const { body } = await server.call('POST', '/signup', { json: { email: 'old@example.net', password: 'secret-pass-1' } })
  relay.behave.on = { rcpt: (line) => (line.includes('old@') ? '550 5.1.1 gone' : null) }
  const answer = await server.call('PUT', '/user', { bearer: body.access_token, json: { email: 'new@example.net' } })
  assert.equal(answer.status, 500)
  assert.equal(answer.body.msg, 'Error sending email change email')
  assert.equal(await server.database.value('select email_change from auth.users'), undefined)
  assert.equal(await server.database.value('select count(*) from latchkey.outbox'), '0')
  assert.equal(told(server, 'doubtful: a mail has left').length, 1)
  relay.behave.on = { rcpt: '450 4.0.0 later' }
  assert.equal((await server.call('PUT', '/user', { bearer: body.access_token, json: { email: 'new@example.net' } })).status, 200)
  assert.equal(await server.database.value(`select count(*) from latchkey.outbox where state = 'waiting'`), '2')
})

// ---- the operator's commands ----

test('mails that came back end mails to their address until it is allowed again', async (t) => {
  const { relay, server, ctl } = await bench(t)
  await server.invite('Ann@example.net')
  const row = await server.row('ann@example.net')
  const report = `Content-Type: multipart/report; report-type=delivery-status\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n\nMessage-ID: <${row.id}@example.org>\n`
  assert.match((await ctl({ input: report }, 'bounce')).out, /1 addresses/)
  assert.equal((await server.row('ann@example.net')).state, 'refused')
  assert.match((await ctl('suppressed')).out, /ann@example\.net  5\.1\.1 550 5\.1\.1 unknown/)
  relay.mails = []
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal(relay.mails.length, 0)
  assert.equal((await server.row('ann@example.net')).state, 'suppressed')
  assert.equal(told(server, 'mails to its address have come back').length, 1)
  assert.equal((await ctl('unsuppress', 'ANN@example.net')).status, 0)
  assert.equal((await server.invite('ann@example.net')).status, 200)
  assert.equal(relay.mails.length, 1)
  assert.equal((await ctl({ input: 'no report' }, 'bounce')).status, 1)
})

test('queue, show, drop and retry tell and do what they say', async (t) => {
  const { relay, server, ctl } = await bench(t, { on: { rcpt: '450 4.2.2 full' } })
  await server.invite('ann@example.net')
  await server.invite('bob@example.net')
  const ann = (await server.row('ann@example.net')).id, bob = (await server.row('bob@example.net')).id
  const { out } = await ctl('queue')
  assert.match(out, new RegExp(`${ann} +waiting +invite[^\\n]*ann@example\\.net`))
  assert.match(out, /450 4\.2\.2 full/)
  assert.match(out, /2 waiting/)
  const [one] = JSON.parse((await ctl('queue', '--json')).out).filter(({ id }) => id === bob)
  assert.deepEqual([one.state, one.attempts, one.recipients], ['waiting', 1, ['bob@example.net']])
  assert.equal((await ctl('drop', ann)).status, 0)
  assert.equal((await ctl('drop', ann)).status, 1)
  relay.behave = {}
  assert.match((await ctl('retry', bob)).out, /1 sent/)
  assert.equal(relay.mails.length, 1)
  assert.match((await ctl('show', bob)).out, /state +sent[\s\S]*relay +smtp:\/\/127\.0\.0\.1:\d+[\s\S]*answer +250 2\.0\.0 kept/)
  assert.match((await ctl('show', ann)).out, /state +dropped/)
  assert.equal((await ctl('show', 'nonsense')).status, 1)
  assert.match((await ctl('queue')).out, /1 dropped, 1 sent/)
})

test('a mail is logged with its addresses only where that is wanted', async (t) => {
  const { server } = await bench(t, {}, { GOTRUE_SMTP_LOGGING_ENABLED: 'true' })
  await server.invite('ann@example.net')
  const [entry] = server.entries().filter(({ msg }) => msg === 'mail.send')
  assert.deepEqual([entry.event, entry.mail_type, entry.mail_from, entry.mail_to, entry.level], ['mail.send', 'invite', 'auth@example.org', 'ann@example.net', 'info'])
})

// ---- what nobody waits for any more ----

test('of the mails that an outage held back, only those with a code that is still good leave', async (t) => {
  const { relay, server, db, ctl } = await bench(t, { on: { rcpt: '450 4.2.0 later' } }, { GOTRUE_EXTERNAL_EMAIL_ENABLED: 'true', GOTRUE_MAILER_AUTOCONFIRM: 'false' })
  const email = 'ann@example.net', post = (path, json) => server.call('POST', path, { json })
  const states = async () => (await db.sql('select kind, state, message is null, token_hash is null from latchkey.outbox order by created_at')).map((row) => row.join(' '))
  for (const name of ['ann', 'bob', 'cy', 'di']) assert.equal((await server.call('POST', '/admin/users', { bearer: admin, json: { email: `${name}@example.net`, email_confirm: true } })).status, 200)
  assert.equal((await post('/recover', { email })).status, 200)
  assert.equal((await post('/recover', { email })).status, 200) // replaces the code of the first
  assert.equal((await post('/magiclink', { email: 'bob@example.net' })).status, 200)
  assert.equal((await post('/recover', { email: 'cy@example.net' })).status, 200)
  assert.equal((await post('/recover', { email: 'di@example.net' })).status, 200)
  const token = await db.value(`select recovery_token from auth.users where email = 'bob@example.net'`)
  assert.equal((await post('/verify', { type: 'magiclink', token_hash: token })).status, 200) // used before its mail came
  const di = await db.value(`select id from auth.users where email = 'di@example.net'`)
  assert.equal((await server.call('DELETE', `/admin/users/${di}`, { bearer: admin })).status, 200)
  assert.deepEqual(await states(), Array(2).fill('recovery waiting f f').concat('magic_link waiting f f', Array(2).fill('recovery waiting f f')))
  relay.behave = {}
  assert.match((await ctl('retry')).out, /2 sent, 0 left for later, 3 came to their end/)
  assert.deepEqual(await states(), ['recovery superseded t t', 'recovery sent t t', 'magic_link superseded t t', 'recovery sent t t', 'recovery superseded t t'])
  assert.deepEqual(relay.mails.map(({ to }) => to[0]), ['ann@example.net', 'cy@example.net'])
  const good = await db.value(`select recovery_token from auth.users where email = '${email}'`)
  assert.ok(relay.mails[0].raw.replace(/=\n/g, '').includes(good))
})
