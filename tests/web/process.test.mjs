// The life of the processes: start, end, death, reload (issue: the process).
import test, { after, before, describe } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alive, connectedTo, descendants, root, serve, servers, silentDatabase, token, wait } from './lib/serve.mjs'

const managed = servers.filter((server) => server !== 'fcgid')
const hung = (site) => site.ask('GET', '/user', { headers: { authorization: `Bearer ${token()}` } }).then(({ status }) => status, () => 'lost')

async function until(what, ms = 3000) {
  for (const late = Date.now() + ms; Date.now() < late; await wait(10)) if (await what()) return true
  return false
}

for (const server of servers) describe(server, { concurrency: false }, () => {
  test('serves soon after its start (make bench tells how soon)', { skip: server === 'fcgid' }, async () => {
    const times = []
    for (let i = 0; i < 5; i++) {
      const site = await serve({ server })
      times.push(site.started)
      await site.stop()
    }
    assert.ok(Math.min(...times) < 1000, times.join(' '))
  })

  test('SIGTERM ends all of it within 5 s and leaves nothing', async () => {
    const site = await serve({ server }), processes = descendants(site.child.pid), before = Date.now()
    assert.ok(processes.length > 3)
    await site.stop()
    assert.ok(Date.now() - before < 5000)
    assert.deepEqual(processes.filter(({ pid }) => alive(pid)), [])
    assert.deepEqual(readdirSync('/tmp').filter((name) => name.startsWith('latchkey-serve.') && existsSync(join('/tmp', name, 'env')) && processes.some(({ pid }) => String(pid) === name)), [])
  })
})

for (const server of managed) describe(`${server}: workers`, { concurrency: false }, () => {
  let site, database
  before(async () => {
    database = await silentDatabase()
    site = await serve({ server, database: database.port, env: { GOTRUE_API_MAX_REQUEST_DURATION: '3s', LATCHKEY_WORKERS: '4' } })
  })
  after(async () => { database?.close(); await site?.stop() })

  test('kill -9 of a worker in mid-request is one failed request', async () => {
    const three = [hung(site), hung(site), hung(site)]
    assert.ok(await until(() => connectedTo(database.port, site.workers()).length === 3))
    const [one] = connectedTo(database.port, site.workers()), failed = []
    three.forEach((request, i) => request.then((status) => failed.push([i, status, Date.now()])))
    const killed = Date.now()
    process.kill(one.pid, 'SIGKILL')
    assert.ok(await until(() => failed.length === 1, 1000))
    const [, status, when] = failed[0]
    assert.ok([500, 502, 503, 'lost'].includes(status), String(status))
    assert.ok(when - killed < 1000)
    const statuses = await Promise.all(three)
    assert.ok(statuses.filter((each) => each === 504 || each === 503).length >= 2, statuses.join(' '))
    assert.match(site.log(), /a worker was ended by a signal/)
  })

  test('a killed worker has a successor within a second', async () => {
    const count = () => site.workers().length, full = count()
    for (let i = 0; i < 10; i++) {
      const victims = site.workers().filter(({ name }) => /^latchkey (fast|hash|outbou)/.test(name))
      const { pid } = victims[i % victims.length]
      process.kill(pid, 'SIGKILL')
      // a worker on its way out may still take a request, the one that is lost with it
      assert.ok(await until(() => !alive(pid) && count() === full, 1000), `${count()} of ${full}`)
      assert.equal((await site.ask('GET', '/health')).status, 200)
    }
  })

  test('all of them killed at once under load: service again within a second', async () => {
    const killed = site.workers().filter(({ name }) => name === 'latchkey fast')
    for (const { pid } of killed) process.kill(pid, 'SIGKILL')
    assert.ok(await until(async () => (await site.ask('GET', '/health').catch(() => ({}))).status === 200, 1000))
    assert.ok(await until(() => killed.every(({ pid }) => !alive(pid))))
  })

  test('a worker that is stopped takes no more than its own request', async () => {
    const workers = site.workers().filter(({ name, pid }) => name === 'latchkey fast' && alive(pid)) // not one of those killed before
    process.kill(workers[0].pid, 'SIGSTOP')
    try {
      const answers = await Promise.all(Array.from({ length: 60 }, () => Promise.race([site.ask('GET', '/health').then(({ status }) => status), wait(1500).then(() => 'late')])))
      assert.ok(answers.filter((status) => status !== 200).length <= 1, answers.join(' '))
    } finally { process.kill(workers[0].pid, 'SIGCONT') }
  })

  test('the manager killed: its workers end, requests in flight finish', async () => {
    const manager = site.workers().find(({ name }) => name.startsWith('latchkey.fcgi')), workers = site.workers().filter(({ pid }) => pid !== manager.pid)
    const request = hung(site)
    assert.ok(await until(() => connectedTo(database.port, site.workers()).length > 0))
    process.kill(manager.pid, 'SIGKILL')
    assert.ok([503, 504].includes(await request))
    assert.ok(await until(() => workers.every(({ pid }) => !alive(pid) || !descendants(pid)[0]?.name.startsWith('latchkey ')), 4000))
  })
})

for (const server of managed) describe(`${server}: end`, { concurrency: false }, () => {
  test('the manager told to end: a request in flight gets its answer', async () => {
    const database = await silentDatabase(), site = await serve({ server, database: database.port, env: { GOTRUE_API_MAX_REQUEST_DURATION: '1s' } })
    const request = hung(site)
    assert.ok(await until(() => connectedTo(database.port, site.workers()).length === 1))
    const workers = site.workers()
    process.kill(workers.find(({ name }) => name.startsWith('latchkey.fcgi')).pid, 'SIGTERM')
    assert.ok([503, 504].includes(await request))
    assert.match(site.log(), /received graceful shutdown signal/)
    database.close()
    await site.stop()
  })
})

describe('settings', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('refused settings end it with another status than 0 and the name of the variable', () => {
    writeFileSync(join(folder, 'bad.env'), 'GOTRUE_SITE_URL=http://localhost\nGOTRUE_JWT_EXP=soon\n')
    const { status, stderr } = spawnSync(join(root, 'tests/serve'), [join(folder, 'bad.env'), '7'], { encoding: 'utf8', env: { ...process.env, GOTRUE_JWT_SECRET: '' } })
    assert.notEqual(status, 0)
    assert.match(stderr, /GOTRUE_JWT_EXP/)
    assert.match(stderr, /DATABASE_URL/)
  })

  test('a changed folder of settings is in force without a failed request', { timeout: 30000 }, async () => {
    const config = join(folder, 'conf.d')
    spawnSync('mkdir', ['-p', config])
    writeFileSync(join(config, '10.env'), 'GOTRUE_DISABLE_SIGNUP=false\nGOTRUE_RELOADING_GRACE_PERIOD_INTERVAL=200ms\n')
    const site = await serve({ config, env: { GOTRUE_RELOADING_GRACE_PERIOD_INTERVAL: '200ms' } })
    const off = async () => (await site.ask('GET', '/settings')).json().disable_signup
    try {
      assert.equal(await off(), false)
      await wait(300) // the first answer comes before the last worker is there
      const before = site.workers()
      writeFileSync(join(config, '10.env'), 'GOTRUE_DISABLE_SIGNUP=true\nGOTRUE_RATE_LIMIT_VERIFY=7\n')
      assert.ok(await until(() => /reloading api with new configuration/.test(site.log()), 10000))
      for (let i = 0; i < 50; i++) assert.equal(await off(), true)
      assert.match(site.log(), /env GOTRUE_RATE_LIMIT_VERIFY changed, updating Verify limiter from 30 to 7/)
      const manager = before.find(({ name }) => name.startsWith('latchkey.fcgi')).pid
      assert.ok(await until(() => before.every(({ pid }) => pid === manager || !alive(pid)), 10000))
      assert.equal(site.workers().length, before.length)

      writeFileSync(join(config, '10.env'), 'GOTRUE_DISABLE_SIGNUP=perhaps\n')
      assert.ok(await until(() => /reloader: error loading config/.test(site.log()), 10000))
      assert.equal(await off(), true)
    } finally { await site.stop() }
  })
})
