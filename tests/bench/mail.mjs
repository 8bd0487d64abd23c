// Figures of mails; tests/bench/mail starts this.
import { Relay, idOf } from '../mail/lib/relay.mjs'
import { mail, start, wait } from '../mail/lib/bench.mjs'

const outage = Number(process.env.BENCH_OUTAGE || 30), rate = Number(process.env.BENCH_RATE || 20)
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
const row = (what, figure) => console.log(`| ${what.padEnd(72)} | ${figure.padStart(28)} |`)
const ms = (n) => `${n.toFixed(1)} ms`
const unlimited = { GOTRUE_RATE_LIMIT_OTP: '1000000', GOTRUE_LOG_LEVEL: 'error' }
const url = (relay) => `smtp://127.0.0.1:${relay.port}`

async function signUp(server, email) {
  const began = performance.now()
  const answer = await server.call('POST', '/signup', { json: { email, password: 'correct horse battery' } })
  if (answer.status !== 200) throw new Error(answer.raw)
  return performance.now() - began
}

// By turns, so that whatever else the machine does falls on both alike.
async function overhead() {
  const relay = await new Relay({ delays: { body: 50 } }).listen()
  const without = await start(unlimited), server = await start({ ...unlimited, LATCHKEY_SMTP_RELAYS: url(relay) }), bare = [], full = []
  for (let i = 0; i < 60; i++) {
    bare.push(await signUp(without, `a${i}@example.net`))
    full.push(await signUp(server, `b${i}@example.net`))
  }
  row('sign-up without relay, median', ms(median(bare)))
  row('sign-up with a relay that answers in 50 ms: beyond both, median', ms(median(full) - median(bare) - 50))
  await without.stop()
  await server.stop()
  await relay.close()
}

async function blackHole() {
  const dead = await new Relay({ silent: 'greeting' }).listen(), good = await new Relay().listen()
  const server = await start({ ...unlimited, LATCHKEY_SMTP_RELAYS: `${url(dead)} ${url(good)}` })
  const first = await server.invite('first@example.net'), next = []
  for (let i = 0; i < 20; i++) next.push((await server.invite(`n${i}@example.net`)).took)
  row('first relay a black hole: the first request', ms(first.took))
  row('first relay a black hole: the next ones, median', ms(median(next)))
  await server.stop()
  await Promise.all([dead.close(), good.close()])
}

async function longOutage() {
  const relay = await new Relay().listen(), port = relay.port, settings = { ...unlimited, LATCHKEY_SMTP_RELAYS: url(relay) }
  const server = await start(settings), took = [], count = outage * rate
  await relay.close()
  const began = performance.now(), all = []
  for (let i = 0; i < count; i++) {
    await wait(Math.max(0, began + i * 1000 / rate - performance.now()))
    all.push(server.invite(`o${i}@example.net`).then((answer) => { if (answer.status !== 200) throw new Error(answer.raw); took.push(answer.took) }))
  }
  await Promise.all(all)
  await relay.listen(port)
  const back = performance.now()
  while (relay.mails.length < count && performance.now() - back < 600000) await wait(100)
  const span = (performance.now() - back) / 1000
  await wait(1000)
  took.sort((a, b) => a - b)
  row(`no relay for ${outage} s at ${rate} mails a second: p99 of the requests`, ms(took[Math.floor(took.length * 0.99)]))
  row('then arrived, of those twice, all of them after', `${relay.mails.length}, ${relay.mails.length - new Set(relay.mails.map(idOf)).size}, ${span.toFixed(1)} s`)
  await server.stop()
  await relay.close()
}

async function run() {
  const relay = await new Relay({ on: { rcpt: '450 4.0.0 later' } }).listen(), settings = { ...unlimited, LATCHKEY_SMTP_RELAYS: url(relay) }
  const server = await start(settings), db = server.database
  await server.invite('seed@example.net')
  await server.stop()
  relay.behave = {}
  await db.sql(`insert into latchkey.outbox select gen_random_uuid(), kind, user_id, sender, array['r' || i || '@example.net'], message, 'waiting', now(),
    expires_at, now(), null, 0, '', '', now(), false from latchkey.outbox, generate_series(1, 2000) i`)
  const began = performance.now(), { out } = await mail(db, settings, 'run')
  row('latchkey mail run, mails a second', `${Math.round(parseInt(out) / ((performance.now() - began) / 1000))}`)
  await relay.close()
}

console.log(`| ${'figure'.padEnd(72)} | ${'here'.padStart(28)} |\n| ${'-'.repeat(72)} | ${'-'.repeat(28)} |`)
await overhead()
await blackHole()
await longOutage()
await run()
