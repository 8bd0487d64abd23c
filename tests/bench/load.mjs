// Load on a server of this interface: figures of what it answered, as JSON.
//
//   load.mjs --base URL --secret JWT_SECRET [--clients 32] [--seconds 10] [--users 64] [--rate N] [--storm N] LOAD
//
// LOAD: refresh, password, user, signup, health, exchange (of the codes bench-0, bench-1 … of client CLIENT:SECRET, see codes.sql), totp and passkey
// (of the rows of factors.sql; key: the public key for it). --rate N: N a second in all are due (due: how many), and lateness counts as latency.
// --storm N: besides, N clients sign in without pause; counted are those that were answered within the time. Setting up the users is no part of
// the figures. The server's limits must be out of the way.
import crypto from 'node:crypto'
import http from 'node:http'
import { parseArgs } from 'node:util'

const text = (value) => ({ type: 'string', default: value })
const { values, positionals: [load] } = parseArgs({
  allowPositionals: true,
  options: { base: text('http://127.0.0.1:9999'), secret: text(''), clients: text('32'), seconds: text('10'), users: text('64'), rate: text('0'), storm: text('0'), client: text('') },
})
const clients = Number(values.clients), seconds = Number(values.seconds), storm = Number(values.storm), rate = Number(values.rate)
const users = Math.max(Number(values.users), clients), base = new URL(values.base), mount = base.pathname.replace(/\/$/, '')
const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity })
const password = 'bench pass phrase 1', run = crypto.randomBytes(4).toString('hex'), address = (i) => `bench-${run}-${i}@example.com`
const sessions = []
let codes = 0, factors = 0, assertions = 0

function bearerOf(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url'), now = Math.floor(Date.now() / 1000)
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iat: now, exp: now + 7200, ...claims })}`
  return `${body}.${crypto.createHmac('sha256', values.secret).update(body).digest('base64url')}`
}

function ask(method, path, json, bearer, more = {}) {
  return new Promise((done, failed) => {
    const body = typeof json === 'string' ? json : json && JSON.stringify(json), headers = {}
    if (bearer) headers.authorization = `Bearer ${bearer}`
    if (body) Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    Object.assign(headers, more)
    const request = http.request({ agent, host: base.hostname, port: base.port, method, path: mount + path, headers }, (response) => {
      let got = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => { got += chunk })
      response.on('end', () => done({ status: response.statusCode, text: got }))
      response.on('error', failed)
    })
    request.setTimeout(60000, () => request.destroy(new Error('no answer within 60 s')))
    request.on('error', failed)
    request.end(body)
  })
}

// ---- rows of factors.sql

const row = (kind, n) => `be9c${String(kind).padStart(4, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
function totp() {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)))
  const mac = crypto.createHmac('sha1', '12345678901234567890').update(counter).digest()
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0')
}
const sha256 = (data) => crypto.createHash('sha256').update(data).digest()
const point = crypto.createECDH('prime256v1')
point.setPrivateKey(sha256('bench'))
const [x, y] = [point.getPublicKey().subarray(1, 33), point.getPublicKey().subarray(33)]
const key = crypto.createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', d: point.getPrivateKey('base64url'), x: x.toString('base64url'), y: y.toString('base64url') } })
function assertion(n) {
  const client = Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge: `bench-${n}`, origin: 'http://localhost:3000' })), id = Buffer.alloc(4)
  const data = Buffer.concat([sha256('localhost'), Buffer.from([5, 0, 0, 0, 0])])
  id.writeInt32BE(n % 256)
  return {
    id: id.toString('base64url'), rawId: id.toString('base64url'), type: 'public-key', response: {
      clientDataJSON: client.toString('base64url'), authenticatorData: data.toString('base64url'), userHandle: Buffer.from(row(1, n % 256)).toString('base64url'),
      signature: crypto.sign('sha256', Buffer.concat([data, sha256(client)]), key).toString('base64url'),
    },
  }
}

const signIn = (i) => ask('POST', '/token?grant_type=password', { email: address(i), password })
const loads = {
  password: signIn,
  async refresh(i) {
    const answer = await ask('POST', '/token?grant_type=refresh_token', { refresh_token: sessions[i].refresh_token })
    if (answer.status === 200) sessions[i] = JSON.parse(answer.text)
    return answer
  },
  user: (i) => ask('GET', '/user', undefined, sessions[i].access_token),
  health: () => ask('GET', '/health'),
  exchange: () => ask('POST', '/oauth/token', `grant_type=authorization_code&code=bench-${codes++}&code_verifier=${'v'.repeat(43)}`, undefined,
    { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${Buffer.from(values.client).toString('base64')}` }),
  totp() {
    const n = factors++
    return ask('POST', `/factors/${row(3, n)}/verify`, { challenge_id: row(4, n), code: totp() }, bearerOf({ sub: row(1, n), session_id: row(2, n), aud: 'authenticated', role: 'authenticated' }))
  },
  passkey() {
    const n = assertions++
    return ask('POST', '/passkeys/authentication/verify', { challenge_id: row(6, n), credential: assertion(n) })
  },
  signup: (i, n) => ask('POST', '/signup', { email: `bench-new-${run}-${i}-${n}@example.com`, password }),
}
if (load === 'key') { console.log(`a5010203262001215820${x.toString('hex')}225820${y.toString('hex')}`); process.exit(0) }
if (!loads[load] || !values.secret) { console.error(`usage: load.mjs --secret SECRET [options] ${Object.keys(loads).join('|')}`); process.exit(2) }

async function prepare(lane) {
  const admin = bearerOf({ role: 'service_role' })
  for (let i = lane; i < users; i += 8) {
    const made = await ask('POST', '/admin/users', { email: address(i), password, email_confirm: true }, admin)
    const session = made.status < 300 ? await signIn(i) : made
    if (session.status !== 200) throw new Error(`cannot set up users: ${session.status} ${session.text.slice(0, 200)}`)
    sessions[i] = JSON.parse(session.text)
  }
}
if (!['health', 'signup', 'exchange', 'totp', 'passkey'].includes(load)) await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(prepare))

const latencies = [], errors = {}, began = performance.now(), end = began + seconds * 1000
let signIns = 0, allDue = 0
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms))

async function client(i) {
  for (let n = 0; performance.now() < end; n++) {
    let due = performance.now()
    if (rate) {
      due = began + ((n * clients + i) * 1000) / rate
      if (due >= end) return
      allDue++
      if (due > performance.now()) await sleep(due - performance.now())
    }
    let what
    try {
      const { status, text: got } = await loads[load](i, n)
      if (status === 200) { latencies.push(performance.now() - due); continue }
      what = `${status} ${/"error_code":"(\w+)"/.exec(got)?.[1] ?? got.slice(0, 40)}`
    } catch (error) { what = error.code ?? error.message }
    errors[what] = (errors[what] ?? 0) + 1
  }
}
async function stormer(i) {
  while (performance.now() < end) {
    const { status } = await signIn(i % users).catch(() => ({}))
    if (status === 200) signIns += performance.now() < end
    else await sleep(250) // told to come back later
  }
}
await Promise.all([...Array.from({ length: clients }, (_, i) => client(i)), ...Array.from({ length: storm }, (_, i) => stormer(i))])

const wall = (performance.now() - began) / 1000
latencies.sort((a, b) => a - b)
const at = (q) => (latencies.length ? Number(latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))].toFixed(2)) : null)
console.log(JSON.stringify({ load, clients, served: latencies.length, per_second: Number((latencies.length / wall).toFixed(1)), p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), errors, ...(rate ? { due: allDue } : {}),
  ...(storm ? { sign_ins_per_second: Number((signIns / seconds).toFixed(1)) } : {}) }))
process.exit(0)
