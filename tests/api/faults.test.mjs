// What happens when things break: the database goes away under load, a worker is killed in the middle of a request, memory over many requests.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, chmodSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Database, serve, freePort, pss, wait } from './lib/server.mjs'

const PASSWORD = 'correct horse battery 9'
let server, cluster, database, people
const own = () => server.processes().filter(({ name }) => name.startsWith('latchkey'))

// A cluster of this file's own, on TCP, so that a worker can be told from the port of its connection.
async function startCluster() {
  const folder = mkdtempSync(join(tmpdir(), 'pg-')), port = await freePort()
  chmodSync(folder, 0o755)
  const dir = join(folder, 'pg')
  const child = spawn(join(dirname(fileURLToPath(import.meta.url)), 'lib/cluster.sh'), [dir, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const say = async (command) => { child.stdin.write(command + '\n'); assert.equal((await lines.next()).value, 'done') }
  const ended = new Promise((done) => child.on('exit', done))
  await say('start')
  await say('setup')
  return { dir, port, start: () => say('start'), stop: () => say('stop'), end: async () => { child.stdin.end(); await ended } }
}

// A transaction that holds the row of a user until release(), or until the test is over.
async function hold(t, user) {
  const child = spawn('psql', ['-X', '-q', '-A', '-t', '-h', cluster.dir, '-p', String(cluster.port), '-U', 'postgres', '-d', 'faults'], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill())
  child.stdin.write(`begin; select 'held' from auth.users where id = '${user}' for update;\n`)
  await new Promise((held) => child.stdout.once('data', held))
  return { release: () => child.stdin.end('rollback;\n') }
}

before(async () => {
  cluster = await startCluster()
  const url = `postgres://supabase_auth_admin@127.0.0.1:${cluster.port}/faults`
  database = new Database('faults', { folder: cluster.dir, port: cluster.port, url })
  const env = join(mkdtempSync(join(tmpdir(), 'm-')), 'env')
  writeFileSync(env, `DATABASE_URL='${url}'\nGOTRUE_DB_DRIVER=postgres\nGOTRUE_SITE_URL=http://localhost\nAPI_EXTERNAL_URL=http://localhost\nGOTRUE_JWT_SECRET=${'x'.repeat(40)}\n`)
  execFileSync(join(process.env.BUILD_DIR, 'latchkey'), ['migrate', '-c', env])
  server = await serve({ LATCHKEY_WORKERS: '4', GOTRUE_RATE_LIMIT_TOKEN_REFRESH: '100000000', GOTRUE_RATE_LIMIT_OTP: '100000000' }, { database })
  people = await Promise.all(Array.from({ length: 8 }, async (_, i) => (await server.call('POST', '/signup', { json: { email: `fault-${i}@example.com`, password: PASSWORD } })).body))
  for (const one of people) assert.ok(one.access_token, JSON.stringify(one))
})
after(async () => { await server?.stop(); await cluster?.end() })

test('PostgreSQL stopped and started under load: 503 with Retry-After, then service again', { timeout: 120000 }, async () => {
  const seen = []
  let going = true
  const lanes = people.map(async (one, i) => {
    while (going) {
      const began = Date.now()
      const answer = i % 2 ? await server.call('GET', '/user', { bearer: one.access_token }) : await server.call('POST', '/token?grant_type=refresh_token', { json: { refresh_token: one.refresh_token } })
      if (answer.status === 200 && answer.body.refresh_token) Object.assign(one, answer.body)
      seen.push({ at: Date.now(), took: Date.now() - began, status: answer.status, retry: answer.headers.get('retry-after'), code: answer.body?.error_code, raw: answer.raw.slice(0, 200) })
      await wait(5)
    }
  })
  await wait(1000)
  const stopping = Date.now()
  await cluster.stop()
  const down = Date.now()
  await wait(3000)
  const up = Date.now()
  await cluster.start()
  await wait(6000)
  going = false
  await Promise.all(lanes)
  const during = seen.filter(({ at }) => at > down + 300 && at < up), later = seen.filter(({ at }) => at > up + 5000)
  assert.ok(seen.filter(({ at }) => at < stopping).every(({ status }) => status === 200), 'before')
  assert.ok(during.length > 20, `only ${during.length} answers while the database was away`)
  for (const { status, code, retry, raw } of during) assert.deepEqual([status, code, Number(retry) > 0], [503, 'unexpected_failure', true], raw)
  assert.ok(Math.max(...seen.map(({ took }) => took)) < 12000, 'an answer took too long')
  assert.ok(later.length > 20)
  assert.deepEqual([...new Set(later.map(({ status, code, raw }) => (status === 200 ? '200' : `${status} ${code} ${raw}`)))], ['200'])
})

test('a worker killed in the middle of a request costs that request and no other', { timeout: 60000 }, async (t) => {
  const [victim, ...others] = await Promise.all(people.map((_, i) => server.call('POST', '/token?grant_type=password', { json: { email: `fault-${i}@example.com`, password: PASSWORD } })))
  const id = victim.body.user.id
  const held = await hold(t, id)
  const pending = server.call('PUT', '/user', { bearer: victim.body.access_token, json: { data: { killed: true } } }).catch(() => ({ status: 'closed' }))
  let port
  for (let tries = 0; tries < 100 && !port; tries++) {
    port = await database.value(`select client_port from pg_stat_activity where wait_event_type = 'Lock' and usename = 'supabase_auth_admin' limit 1`)
    await wait(20)
  }
  assert.ok(port, 'the request does not wait for the lock')
  const worker = ownerOf(Number(port))
  assert.ok(worker, 'no worker has that connection')
  const count = own().length
  let failed = 0, going = true
  const lanes = others.map(async (one) => { while (going) { if ((await server.call('GET', '/user', { bearer: one.body.access_token })).status !== 200) failed++ } })
  await wait(200)
  process.kill(worker.pid, 'SIGKILL')
  const answer = await pending
  assert.ok(answer.status === 'closed' || answer.status >= 500, String(answer.status))
  await wait(2000)
  going = false
  await Promise.all(lanes)
  held.release()
  assert.equal(failed, 0, 'requests of other workers failed')
  assert.equal(own().length, count, 'the worker was not replaced')
  // whether what the worker had sent is carried out is PostgreSQL's to say; nothing of it stays locked
  assert.equal((await server.call('PUT', '/user', { bearer: victim.body.access_token, json: { data: { after: true } } })).status, 200)
})

// Those of the lanes' requests that failed; a refresh that failed is tried again with the same token, as a client does.
function load(lanes) {
  const failed = []
  let going = true, served = 0
  const count = ({ status, raw }) => { if (status === 200) served++; else failed.push(`${status} ${raw?.slice(0, 200)}`); return status === 200 }
  const ask = (...request) => server.call(...request).catch((error) => ({ status: error.cause?.code ?? error.message }))
  const jobs = Array.from({ length: lanes }, async (_, lane) => {
    for (let n = 0; going; n++) {
      if (lane % 4 === 3) { count(await ask('POST', '/signup', { json: { email: `killed-${lane}-${n}@example.com`, password: PASSWORD } })); continue }
      const answer = await ask('POST', '/token?grant_type=refresh_token', { json: { refresh_token: people[lane].refresh_token } })
      if (count(answer)) people[lane] = answer.body
    }
  })
  return { failed, served: () => served, end: async () => { going = false; await Promise.all(jobs) } }
}

test('a hundred workers killed under load: one failed request each at most, nothing half done', { timeout: 180000 }, async () => {
  const count = () => own().filter(({ name }) => /^latchkey (fast|hash)/.test(name)).length, full = count(), under = load(8)
  for (let n = 0; n < 100; n++) {
    const victims = own().filter(({ name }) => /^latchkey (fast|hash)/.test(name)), { pid } = victims[n % victims.length]
    process.kill(pid, 'SIGKILL')
    const killed = Date.now()
    while ((own().some((one) => one.pid === pid) || count() < full) && Date.now() - killed < 5000) await wait(5)
    assert.equal(count(), full, `worker ${n}: no successor`)
    assert.ok(Date.now() - killed < 1000, `worker ${n}: a successor after ${Date.now() - killed} ms`)
  }
  const before = under.served()
  for (const late = Date.now() + 5000; under.served() < before + 20 && Date.now() < late;) await wait(10)
  await under.end()
  assert.ok(under.served() >= before + 20, 'the server serves on')
  assert.ok(under.failed.length <= 100, `${under.failed.length} failed: ${[...new Set(under.failed)].join('; ')}`)
  assert.deepEqual(await database.sql(`select u.email from auth.users u where u.email like 'killed-%' and (
    (select count(*) from auth.identities i where i.user_id = u.id) <> 1 or u.email_confirmed_at is null or
    exists (select from auth.sessions s where s.user_id = u.id and not exists (select from auth.refresh_tokens r where r.session_id = s.id)))`), [], 'half a sign-up')
  assert.deepEqual(await database.sql(`select r.session_id from auth.refresh_tokens r where not r.revoked group by 1 having count(*) > 1`), [], 'two live tokens of one session')
})

// The process of ours that holds the connection with that local port.
function ownerOf(port) {
  const hex = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const line = readFileSync('/proc/net/tcp', 'latin1').split('\n').map((text) => text.trim().split(/\s+/)).find((fields) => fields[1] === hex)
  return line && own().find(({ pid }) => readdirSync(`/proc/${pid}/fd`).some((fd) => { try { return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${line[9]}]` } catch { return false } }))
}

test('memory stays flat over many requests', { timeout: 120000 }, async () => {
  const sessions = await Promise.all(people.map(async (_, i) => (await server.call('POST', '/token?grant_type=password', { json: { email: `fault-${i}@example.com`, password: PASSWORD } })).body))
  const round = (count) => Promise.all(sessions.map(async (_, i) => {
    for (let n = 0; n < count; n++) {
      assert.equal((await server.call('GET', '/user', { bearer: sessions[i].access_token })).status, 200)
      const fresh = await server.call('POST', '/token?grant_type=refresh_token', { json: { refresh_token: sessions[i].refresh_token } })
      assert.equal(fresh.status, 200)
      sessions[i] = fresh.body
      if (n % 10 === 0) await server.call('GET', '/nothing')
    }
  }))
  await round(150)
  const first = pss(own())
  await round(600)
  const last = pss(own())
  assert.ok(last - first < 800, `${first} kB grew to ${last} kB`)
})

test('ending the manager finishes what is under way; the next one serves on', { timeout: 60000 }, async (t) => {
  const { body } = await server.call('POST', '/token?grant_type=password', { json: { email: 'fault-0@example.com', password: PASSWORD } })
  const held = await hold(t, body.user.id)
  const pending = server.call('PUT', '/user', { bearer: body.access_token, json: { data: { last: true } } }).catch((error) => ({ status: error.cause?.code }))
  await wait(300)
  const all = own(), manager = all.find(({ parent }) => !all.some(({ pid }) => pid === parent))
  process.kill(manager.pid, 'SIGTERM')
  await wait(500)
  held.release()
  assert.equal((await pending).status, 200)
  if (process.env.TEST_SERVER === 'apache') return // nobody is there to start another one
  let status
  for (const until = Date.now() + 10000; status !== 200 && Date.now() < until; await wait(50)) status = (await server.call('GET', '/user', { bearer: body.access_token }).catch(() => ({}))).status
  assert.equal(status, 200)
})

test('stopping the server leaves no process behind', async () => {
  const all = server.processes()
  await server.stop()
  const alive = () => all.filter(({ pid }) => { try { return process.kill(pid, 0) } catch { return false } })
  for (const until = Date.now() + 5000; alive().length && Date.now() < until;) await wait(20)
  assert.deepEqual(alive(), [])
})
