// Whether the server says that it is ready, and if not, why not (docs/monitoring.md).
import test from 'node:test'
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { serve } from './lib/server.mjs'

const parts = ({ status, body }) => [status, body.status, body.database, body.outbox]

test('ready; mails that are late are told; an outbox that cannot be read and tables that are not there are failures', async (t) => {
  const server = await serve()
  t.after(() => server.stop())
  const ask = () => server.call('GET', '/health/ready')
  const first = await ask()
  assert.deepEqual(parts(first), [200, 'ready', 'ok', 'ok'])
  assert.equal(first.headers.get('cache-control'), 'no-store')

  const letter = (minutes) => server.database.sql(`insert into latchkey.outbox (id, kind, sender, recipients, message, state, created_at, expires_at, next_at, lease_until, changed_at)
    select '${randomUUID()}', 'recovery', 'a@example.com', '{b@example.com}', 'x', 'sending', now, now + '1 day', now, now - '${minutes} min'::interval, now from (select now()) t (now)`)
  await letter(-60)
  assert.deepEqual(parts(await ask()), [200, 'ready', 'ok', 'ok'], 'a mail that is being sent is not late')
  await letter(11)
  assert.deepEqual(parts(await ask()), [200, 'ready', 'ok', 'late'])

  await server.database.sql('alter table latchkey.outbox rename to elsewhere')
  const failing = await ask()
  assert.deepEqual(parts(failing), [503, 'failing', 'ok', 'failing'])
  assert.equal(failing.headers.get('retry-after'), '1')
  await server.database.sql('alter table auth.users rename to elsewhere')
  assert.deepEqual(parts(await ask()), [503, 'failing', 'failing', 'unknown'])
  assert.match(server.log(), /"msg":"the server is not ready"/)
})

test('a database that is away', async (t) => {
  const server = await serve({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  t.after(() => server.stop())
  const answer = await server.call('GET', '/health/ready')
  assert.deepEqual(parts(answer), [503, 'failing', 'failing', 'unknown'])
  assert.equal(answer.headers.get('retry-after'), '1')
  assert.ok(!answer.raw.includes('127.0.0.1'))
})
