// The program on its own socket, without a web server: records and parameters that no web server would send.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, SECRET, descendants, wait } from './lib/server.mjs'
import { begin, pair, pairs, record, request, send, PARAMS, STDIN, ABORT } from './lib/fastcgi.mjs'

const skip = process.env.TEST_SERVER === 'apache' && 'no web server takes part'
let child, ended, socket, log
const health = { REQUEST_METHOD: 'GET', REQUEST_URI: '/health', SCRIPT_NAME: '', SERVER_PROTOCOL: 'HTTP/1.1', REMOTE_ADDR: '127.0.0.1' }

before(async () => {
  if (skip) return
  const database = await Database.copy(`fastcgi_${process.pid}`), folder = mkdtempSync(join(tmpdir(), 'f-'))
  socket = join(folder, 's')
  log = join(folder, 'log')
  const values = { DATABASE_URL: database.url, GOTRUE_DB_DRIVER: 'postgres', API_EXTERNAL_URL: 'http://127.0.0.1', GOTRUE_SITE_URL: 'http://localhost:3000', GOTRUE_JWT_SECRET: SECRET, LATCHKEY_WORKERS: '2' }
  writeFileSync(join(folder, 'env'), Object.entries(values).map(([name, value]) => `${name}='${value}'\n`).join(''))
  const out = openSync(log, 'a')
  child = spawn(join(process.env.BUILD_DIR, 'latchkey.fcgi'), ['--listen', `unix:${socket}`, '-c', join(folder, 'env')], { stdio: ['ignore', out, out] })
  ended = new Promise((done) => child.on('exit', done))
  for (let tries = 0; tries < 200 && child.exitCode === null; tries++) {
    if (/Status: 200/.test(await send(socket, request(health), 1000))) return
    await wait(25)
  }
  throw new Error(readFileSync(log, 'utf8'))
})
after(async () => { if (child) { child.kill('SIGTERM'); await ended } })

// The processes that serve; others of the manager's children end when their work is done.
const crew = () => descendants(child.pid).filter(({ name }) => /^latchkey (fast|hash|outbou)/.test(name)).map(({ pid }) => pid)
const good = async () => assert.match(await send(socket, request(health)), /"name":"GoTrue"/)

const cases = {
  'an empty connection': Buffer.alloc(0),
  'noise': Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) & 255)),
  'another version of the protocol': Buffer.concat([begin(), record(PARAMS, pairs(health), { version: 9 }), record(PARAMS), record(STDIN)]),
  'an unknown role': Buffer.concat([begin(77), record(PARAMS, pairs(health)), record(PARAMS), record(STDIN)]),
  'parameters whose length runs over the end': Buffer.concat([begin(), record(PARAMS, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f, 0x41])), record(PARAMS), record(STDIN)]),
  'a name longer than what follows': Buffer.concat([begin(), record(PARAMS, Buffer.from([120, 2, 0x41, 0x42])), record(PARAMS), record(STDIN)]),
  'a record longer than what is sent': Buffer.concat([begin(), record(PARAMS, Buffer.from('abc'), { length: 60000 })]),
  'no parameters at all': Buffer.concat([begin(), record(PARAMS), record(STDIN)]),
  'parameters without method and target': Buffer.concat([begin(), record(PARAMS, pair('X', 'y')), record(PARAMS), record(STDIN)]),
  'NUL in names and values': request({ ...health, 'A\0B': 'c\0d', HTTP_AUTHORIZATION: 'Bearer \0', REQUEST_URI: '/user\0/health' }),
  'an empty name': request({ ...health, '': 'x' }),
  'a content length that is no number': request({ ...health, REQUEST_METHOD: 'POST', REQUEST_URI: '/signup', CONTENT_LENGTH: 'many' }, '{}'),
  'a negative content length': request({ ...health, REQUEST_METHOD: 'POST', REQUEST_URI: '/signup', CONTENT_LENGTH: '-5' }, '{}'),
  'a content length far beyond the body': request({ ...health, REQUEST_METHOD: 'POST', REQUEST_URI: '/signup', CONTENT_LENGTH: '999999999999' }, '{}'),
  'an abort in the middle': Buffer.concat([begin(), record(PARAMS, pairs(health)), record(ABORT)]),
  'ten thousand parameters': Buffer.concat([begin(), ...Array.from({ length: 10 }, (_, n) => record(PARAMS, pairs(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`HTTP_X_${n}_${i}`, 'v']))))), record(PARAMS, pairs(health)), record(PARAMS), record(STDIN)]),
  'a value of a megabyte': Buffer.concat([begin(), ...split(Buffer.concat([pairs(health), pair('HTTP_AUTHORIZATION', 'Bearer ' + 'a'.repeat(1 << 20))])).map((part) => record(PARAMS, part)), record(PARAMS), record(STDIN)]),
}
function split(bytes) { const out = []; for (let at = 0; at < bytes.length; at += 60000) out.push(bytes.subarray(at, at + 60000)); return out }

for (const [name, bytes] of Object.entries(cases)) {
  test(`${name}: the next request is served`, { skip }, async () => {
    const workers = crew()
    assert.ok(workers.length > 2)
    const answer = await send(socket, bytes, 1500)
    assert.doesNotMatch(answer, /Status: 2/.test(answer) && /user|token/.test(answer) ? /access_token/ : /Segmentation/)
    await good()
    await good()
    const left = new Set(crew())
    assert.deepEqual(workers.filter((pid) => !left.has(pid)), [], 'a worker died')
  })
}

test('several connections that say nothing hold nobody up', { skip }, async () => {
  const idle = Array.from({ length: 6 }, () => send(socket, begin(), 3000))
  await wait(100)
  const began = Date.now()
  const answer = await send(socket, request(health), 8000)
  assert.match(answer, /"name":"GoTrue"/)
  await Promise.all(idle)
  assert.ok(Date.now() - began < 8000)
})

test('SIGTERM ends manager and workers at once when nothing is under way', { skip }, async () => {
  const all = descendants(child.pid)
  const began = Date.now()
  child.kill('SIGTERM')
  assert.equal(await ended, 0)
  assert.ok(Date.now() - began < 3000)
  for (const { pid, name } of all) assert.throws(() => process.kill(pid, 0), undefined, `${name} ${pid} is left`)
})
