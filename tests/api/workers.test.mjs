// What the log says of the work behind the server, and how many connections there are (contract 02 sections 6.2, 7.4, 8).
import test from 'node:test'
import assert from 'node:assert/strict'
import { serve, wait } from './lib/server.mjs'

const entries = (server) => server.log().split('\n').flatMap((line) => { try { return [JSON.parse(line)] } catch { return [] } })

async function entry(server, fits) {
  for (const until = Date.now() + 8000; Date.now() < until; await wait(20)) {
    const found = entries(server).find(fits)
    if (found) return found
  }
  assert.fail(`no such entry:\n${server.log()}`)
}
const limits = (one) => /^applying connection limits/.test(one.msg)

test('a share of the connections that the database server takes', async (t) => {
  const server = await serve({ GOTRUE_DB_CONN_PERCENTAGE: '4', GOTRUE_RATE_LIMIT_HEADER: 'X-Key', LATCHKEY_WORKERS: '0', GOTRUE_DB_CONN_MAX_LIFETIME: '90s' })
  t.after(() => server.stop())
  const most = Number(await server.database.value('show max_connections')), share = Math.floor(most * 4 / 100)
  const { level, msg, component, worker_type, ...told } = await entry(server, limits)
  assert.deepEqual([level, msg, component, worker_type], ['info', 'applying connection limits to db using the "percentage" strategy', 'apiworker', 'apiworker_db_worker'])
  delete told.time
  assert.deepEqual(told, {
    config_max_pool_size: 0, config_max_idle_pool_size: 0, config_conn_max_lifetime: 90e9, config_conn_max_idle_time: 0, config_conn_percentage: 4, server_max_conns: most,
    limit_max_open_conns: share, limit_max_idle_conns: share, limit_conn_max_lifetime: 90e9, limit_conn_max_idle_time: 0, limit_strategy: 'percentage',
  })
  for (const until = Date.now() + 8000; ; await wait(20)) {
    const workers = server.processes().filter(({ name }) => /^latchkey (fast|hash|outbou|alone)/.test(name)).length
    if (workers > 0 && workers <= share) break
    assert.ok(Date.now() < until, `${workers} workers`)
  }
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => server.call('POST', '/signup', { json: { email: `many-${i}@example.com`, password: 'long-enough-password' } })))
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
  const connections = Number(await server.database.value(`select count(*) from pg_stat_activity where usename = 'supabase_auth_admin' and datname = '${server.database.name}'`))
  assert.ok(connections > 0 && connections <= share, `${connections} connections`)
})

test('a fixed number', async (t) => {
  const server = await serve({ GOTRUE_DB_MAX_POOL_SIZE: '7', GOTRUE_DB_MAX_IDLE_POOL_SIZE: '3' })
  t.after(() => server.stop())
  const told = await entry(server, limits)
  assert.deepEqual([told.msg, told.limit_strategy, told.limit_max_open_conns, told.limit_max_idle_conns], ['applying connection limits to db using the "fixed" strategy', 'fixed', 7, 3])
})

test('workers that the reference has start and end', async () => {
  const server = await serve()
  const workers = { 'config notifier': 'config_notifier', 'template cache worker': 'template_cache', 'db worker': 'db_worker', 'index worker': 'index_worker' }
  await entry(server, limits)
  await server.stop()
  for (const [name, type] of Object.entries(workers)) for (const what of ['started', 'exited']) {
    const found = entries(server).filter(({ msg }) => msg === `apiworker: ${name} ${what}`)
    assert.deepEqual(found.map(({ level, component, worker_type }) => [level, component, worker_type]), [['info', 'apiworker', `apiworker_${type}`]])
  }
})

test('a database that is away when the server starts', async (t) => {
  const server = await serve({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  t.after(() => server.stop())
  const told = await entry(server, ({ msg }) => msg === 'failure applying config connection limits to db')
  assert.deepEqual([told.level, told.component, told.worker_type], ['error', 'apiworker', 'apiworker_db_worker'])
  assert.match(told.error, /^storage: ApplyConfig: /)
  assert.equal((await server.call('GET', '/health')).status, 200)
})

test('indexes for searching users: made unasked up to a number of users', async (t) => {
  const server = await serve({ GOTRUE_INDEX_WORKER_MAX_USERS_THRESHOLD: '2' })
  await entry(server, ({ code }) => code === 'index_creation_completed')
  assert.deepEqual(entries(server).filter(({ worker_type, code }) => worker_type === 'apiworker_index_worker' && code).map(({ code, outcome, user_count, max_users_threshold, existing_count, expected_count, succeeded_indexes }) =>
    JSON.stringify({ code, outcome, user_count, max_users_threshold, existing_count, expected_count, succeeded_indexes })), [
    '{"code":"indexes_missing","existing_count":0,"expected_count":4}',
    '{"code":"index_creation_starting","user_count":-1,"max_users_threshold":2}',
    ...Array(4).fill(['{"code":"index_creating"}', '{"code":"index_created"}']).flat(),
    '{"code":"index_creation_completed","outcome":"success","succeeded_indexes":["idx_users_email","idx_users_created_at_desc","idx_users_last_sign_in_at_desc","idx_users_name"]}',
  ])
  await server.stop()
  await server.database.sql(`insert into auth.users (id, instance_id, aud, role, email) select gen_random_uuid(), '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', 'u' || i || '@example.com' from generate_series(1, 3) i`)
  await server.database.sql('analyze auth.users')
  await server.database.sql('drop index auth.idx_users_email')
  await server.database.sql(`update pg_index set indisvalid = false where indexrelid = 'auth.idx_users_name'::regclass`)
  const again = await serve({ GOTRUE_INDEX_WORKER_MAX_USERS_THRESHOLD: '2' }, { database: server.database })
  t.after(() => again.stop())
  const skipped = await entry(again, ({ code }) => code === 'index_creation_skipped')
  assert.deepEqual([skipped.level, skipped.user_count, skipped.max_users_threshold], ['info', 3, 2])
  const unhealthy = entries(again).find(({ code }) => code === 'index_unhealthy')
  assert.deepEqual([unhealthy?.existing_count, unhealthy?.expected_count], [3, 4])
})

test('what the clean-up removes is told at level debug', async (t) => {
  const server = await serve({ GOTRUE_DB_CLEANUP_ENABLED: 'true', GOTRUE_LOG_LEVEL: 'debug' })
  t.after(() => server.stop())
  await server.database.sql(`insert into auth.flow_state (id, auth_code, code_challenge_method, code_challenge, provider_type, authentication_method, created_at)
    select gen_random_uuid(), i::text, 's256', 'x', 'email', 'otp', now() - interval '25 hours' from generate_series(1, 3) i`)
  for (let i = 0; i < 12; i++) assert.equal((await server.call('POST', '/recover', { json: { email: 'none@example.com' } })).status, 200)
  const told = await entry(server, ({ msg }) => msg === 'cleaned up expired or stale rows')
  assert.deepEqual([told.level, told.affected_rows, told.path, told.component], ['debug', 3, '/recover', 'api'])
})

test('how large the cache of pwned passwords is', async (t) => {
  const items = 1000, rate = 0.01, bits = Math.ceil(-items * Math.log(rate) / Math.LN2 ** 2)
  const server = await serve({ GOTRUE_PASSWORD_HIBP_ENABLED: 'true', GOTRUE_PASSWORD_HIBP_BLOOM_ENABLED: 'true', GOTRUE_PASSWORD_HIBP_BLOOM_ITEMS: String(items), GOTRUE_PASSWORD_HIBP_BLOOM_FALSE_POSITIVES: String(rate) })
  t.after(() => server.stop())
  assert.equal((await entry(server, ({ msg }) => msg === `Pwned passwords cache is ${(bits / 8 / 1024).toFixed(2)} KB`)).level, 'info')
})

test('statements in the log, without their values', async (t) => {
  const server = await serve({ GOTRUE_LOG_SQL: 'statement', GOTRUE_LOG_LEVEL: 'debug' })
  t.after(() => server.stop())
  const email = 'never-in-the-log@example.com'
  assert.equal((await server.call('POST', '/recover', { json: { email } })).status, 200)
  const told = await entry(server, ({ msg, statement }) => msg === 'sql' && /from users/.test(statement))
  assert.deepEqual([told.level, /\$1/.test(told.statement), /^[0-9a-f-]{36}$/.test(told.request_id)], ['debug', true, true])
  assert.ok(!server.log().includes(email))
})
