// Hashing stays in its own lane, also for requests that wait for a relay or a hook afterwards.
import test from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { Relay } from './lib/relay.mjs'
import { start } from './lib/bench.mjs'

// Ticks of the processor that the workers of a lane have taken so far.
const ticks = (server, lane) => server.processes().filter(({ name }) => name.startsWith(`latchkey ${lane}`)).reduce((sum, { pid }) => {
  const rest = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ')
  return sum + Number(rest[11]) + Number(rest[12])
}, 0)
const PASSWORD = 'correct horse battery'

test('sign-ups with a mail, and sign-ins with a hook, hash in the hashing lane, once', async (t) => {
  const relay = await new Relay().listen(), calls = []
  const hook = http.createServer((request, response) => {
    let body = ''
    request.on('data', (piece) => { body += piece })
    request.on('end', () => { calls.push(JSON.parse(body).valid); response.setHeader('content-type', 'application/json').end('{"decision":"continue"}') })
  })
  await new Promise((ready) => hook.listen(0, '127.0.0.1', ready))
  const server = await start({
    LATCHKEY_SMTP_RELAYS: `smtp://127.0.0.1:${relay.port}`, LATCHKEY_HASH_WORKERS: '1', GOTRUE_HOOK_PASSWORD_VERIFICATION_ATTEMPT_ENABLED: 'true',
    GOTRUE_HOOK_PASSWORD_VERIFICATION_ATTEMPT_URI: `http://127.0.0.1:${hook.address().port}/`, GOTRUE_HOOK_PASSWORD_VERIFICATION_ATTEMPT_SECRETS: 'v1,whsec_dGVzdHMtb25seS1zZWNyZXQtdGhhdC1pcy1sb25nLWVub3VnaA==',
  })
  t.after(async () => { await server.stop(); await relay.close(); hook.closeAllConnections(); hook.close() })
  const names = Array.from({ length: 12 }, (_, i) => `u${i}@example.net`)
  const signUps = await Promise.all(names.map((email) => server.call('POST', '/signup', { json: { email, password: PASSWORD } })))
  assert.deepEqual(signUps.map(({ status }) => status), Array(12).fill(200))
  assert.equal(relay.mails.length, 12)
  const hashed = ticks(server, 'hash'), beside = ticks(server, 'outbou')
  assert.ok(hashed >= 4 * beside && hashed > 12, `${hashed} ticks in the hashing lane, ${beside} in the other`)

  await server.database.sql('update auth.users set email_confirmed_at = now()')
  const signIn = (email, password) => server.call('POST', '/token?grant_type=password', { json: { email, password } })
  const right = await Promise.all(names.map((email) => signIn(email, PASSWORD)))
  assert.deepEqual(right.map(({ status }) => status), Array(12).fill(200))
  const wrong = await signIn(names[0], 'wrong')
  assert.deepEqual([wrong.status, wrong.body.error_code], [400, 'invalid_credentials'])
  assert.deepEqual(calls.sort(), [false, ...Array(12).fill(true)])
  const more = ticks(server, 'hash') - hashed, moreBeside = ticks(server, 'outbou') - beside
  assert.ok(more >= 4 * moreBeside && more > 12, `${more} ticks in the hashing lane, ${moreBeside} in the other`)
})
