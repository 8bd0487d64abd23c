// What Prometheus reads (contract 02 sections 7.8, 7.9, 13.52, 13.53; docs/monitoring.md).
import test from 'node:test'
import assert from 'node:assert/strict'
import { serve, freePort, wait } from './lib/server.mjs'

const entries = (server) => server.log().split('\n').flatMap((line) => { try { return [JSON.parse(line)] } catch { return [] } })
const settings = (port, more = {}) => ({ GOTRUE_METRICS_ENABLED: 'true', GOTRUE_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1', OTEL_EXPORTER_PROMETHEUS_PORT: String(port), ...more })

async function read(port, path = '/metrics') {
  for (const until = Date.now() + 8000; ; await wait(20)) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`)
      return { type: answer.headers.get('content-type'), status: answer.status, text: await answer.text() }
    } catch (error) { if (Date.now() > until) throw error }
  }
}

// The value of the one sample of that name with all of these labels.
function sample(text, name, labels = {}) {
  const found = text.split('\n').filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
  assert.ok(found.length <= 1, found.join('\n'))
  return found.length ? Number(found[0].split(' ').at(-1)) : 0
}

test('requests, sign-ins and limits are counted by names of tables', async (t) => {
  const port = await freePort()
  const server = await serve(settings(port, { GOTRUE_RATE_LIMIT_HEADER: 'X-Key', GOTRUE_RATE_LIMIT_ANONYMOUS_USERS: '1' }))
  t.after(() => server.stop())
  const first = await read(port, '/anything')
  assert.deepEqual([first.status, first.type], [200, 'text/plain; version=0.0.4; charset=utf-8'])
  assert.equal(sample(first.text, 'gotrue_running', { otel_scope_name: 'gotrue' }), 1)
  assert.equal(sample(first.text, 'global_auth_version_major'), 2)
  assert.equal(sample(first.text, 'global_auth_version_minor'), 196)

  await server.call('GET', '/settings')
  await server.call('GET', '/nope')
  await server.call('GET', '/a-path-of-somebody@example.com')
  await server.call('POST', '/settings')
  await server.call('GET', '/admin/nope')
  await server.call('GET', '/admin/users/7f0c1a52-9d2c-4bd5-8d4c-0d9c0b9a2f11')
  await server.call('GET', '/health')
  const person = { email: 'counted@example.com', password: 'correct horse battery 9' }
  const session = (await server.call('POST', '/signup', { json: person })).body
  await server.call('POST', '/token?grant_type=password', { json: person })
  await server.call('POST', '/token?grant_type=password', { json: { ...person, password: 'wrong' } })
  await server.call('POST', '/token?grant_type=refresh_token', { json: { refresh_token: session.refresh_token } })
  await server.call('POST', '/token?grant_type=made-up"} 1', { json: {} })
  assert.equal((await server.call('GET', '/verify?type=signup&token=wrong')).status, 303)
  for (let i = 0; i < 2; i++) await server.call('POST', '/signup', { json: {}, headers: { 'X-Key': 'one' } })

  const { text } = await read(port)
  const requests = (code, route) => sample(text, 'http_status_codes_total', { code, http_route: route, otel_scope_name: 'gotrue' })
  assert.deepEqual([requests(200, '/settings'), requests(404, '/*'), requests(405, '/*'), requests(401, '/admin/*'), requests(401, '/admin/users/{user_id}')], [1, 2, 1, 1, 1])
  assert.deepEqual([requests(200, '/token'), requests(400, '/token'), requests(200, '/signup'), requests(429, '/signup')], [2, 2, 2, 1])
  assert.equal(requests(200, '/health'), 0, '/health is not counted')
  const token = (suffix, grant_type, labels = {}) => sample(text, `latchkey_token_duration_seconds_${suffix}`, { grant_type, ...labels })
  for (const [grant, count] of [['password', 2], ['refresh_token', 1], ['pkce', 0], ['other', 1]])
    assert.deepEqual([token('count', grant), token('bucket', grant, { le: '+Inf' })], [count, count], grant)
  assert.ok(token('sum', 'password') > 0 && token('sum', 'password') < 60)
  assert.ok(token('bucket', 'password', { le: '0.005' }) <= token('bucket', 'password', { le: '10' }))
  assert.equal(sample(text, 'latchkey_sign_in_failures_total', { http_route: '/token', reason: 'invalid_credentials' }), 2, 'a grant that is not known reads so, too (contract 04)')
  assert.equal(sample(text, 'latchkey_sign_in_failures_total', { http_route: '/verify', reason: 'otp_expired' }), 1, 'a redirect that tells of a failure counts, too')
  assert.equal(sample(text, 'latchkey_limits_hit_total', { limiter: 'anonymous' }), 1)
  assert.ok(sample(text, 'latchkey_lane_requests_total', { lane: 'hash' }) >= 3)
  assert.equal(sample(text, 'latchkey_lane_waiting', { lane: 'hash' }), 0)
  assert.doesNotMatch(text, /example\.com|made-up|nope|7f0c1a52/, 'nothing that a client wrote')
  for (const line of text.trimEnd().split('\n')) assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"\\]*"(,\w+="[^"\\]*")*\})? [0-9.e+-]+)$/)
})

test('workers and their memory; one that is killed counts; the exporter comes back', async (t) => {
  const port = await freePort()
  const server = await serve(settings(port))
  t.after(() => server.stop())
  const own = (name) => server.processes().filter((one) => one.name === name)
  const before = (await read(port)).text
  assert.equal(sample(before, 'latchkey_workers', { lane: 'fast' }), 4)
  assert.ok(sample(before, 'latchkey_resident_memory_bytes', { lane: 'fast' }) > 1e6)
  assert.equal(sample(before, 'latchkey_worker_deaths_total'), 0)
  process.kill(own('latchkey fast')[0].pid, 'SIGKILL')
  process.kill(own('latchkey metric')[0].pid, 'SIGKILL')
  for (const until = Date.now() + 10000; ; await wait(50)) {
    const { text } = await read(port)
    if (sample(text, 'latchkey_worker_deaths_total') === 1 && sample(text, 'latchkey_workers', { lane: 'fast' }) === 4) break
    assert.ok(Date.now() < until, text)
  }
  await server.stop()
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`))
  const said = entries(server).filter(({ msg }) => /prometheus/.test(msg)).map(({ level, msg }) => `${level} ${msg}`)
  assert.equal(said[0], `info prometheus server listening on 127.0.0.1:${port}`)
  assert.equal(said.at(-1), 'info prometheus metric exporter shut down')
})

test('a port that is taken: told, and the server serves', async (t) => {
  const server = await serve((base) => settings(new URL(base).port))
  t.after(() => server.stop())
  for (const until = Date.now() + 8000; !entries(server).some(({ level, msg }) => level === 'error' && msg === `prometheus server (127.0.0.1:${server.port}) shut down`); await wait(20))
    assert.ok(Date.now() < until, server.log())
  assert.equal((await server.call('GET', '/settings')).status, 200)
  assert.equal(server.processes().filter(({ name }) => name === 'latchkey metric').length, 0)
})

test('another exporter, or none: nothing listens', async (t) => {
  const port = await freePort()
  for (const more of [{ GOTRUE_METRICS_EXPORTER: 'foo' }, { GOTRUE_METRICS_ENABLED: 'false' }]) {
    const server = await serve(settings(port, more))
    t.after(() => server.stop())
    assert.equal((await server.call('GET', '/settings')).status, 200)
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`))
  }
})
