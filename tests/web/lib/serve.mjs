// tests/serve with the program behind a web server. Nothing here needs a database: what would ask one reaches a silent stand-in.
import { spawn } from 'node:child_process'
import crypto from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { descendants, freePort, wait } from '../../lib/machine.mjs'

export { descendants, wait }
export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
export const servers = (process.env.TEST_SERVERS || 'lighttpd apache fcgid').split(/\s+/)
const SECRET = 'tests-only-secret-that-is-long-enough-for-hs256'

// Takes connections as a database would and never says a word.
export function silentDatabase() {
  const sockets = new Set()
  return new Promise((done) => {
    const listener = net.createServer((socket) => { sockets.add(socket); socket.on('error', () => {}); socket.on('close', () => sockets.delete(socket)) })
    listener.listen(0, '127.0.0.1', () => done({ port: listener.address().port, sockets, close: () => { listener.close(); for (const socket of sockets) socket.destroy() } }))
  })
}

// serve({ server: 'apache', prefix: '/auth/v1', env: {…}, database: port })
export async function serve({ server = 'lighttpd', prefix = '', env = {}, database = 9, config } = {}) {
  const port = await freePort(), folder = mkdtempSync(join(tmpdir(), 'web-')), base = `http://127.0.0.1:${port}${prefix}`
  const all = {
    DATABASE_URL: `postgres://nobody@127.0.0.1:${database}/none`, GOTRUE_DB_DRIVER: 'postgres', API_EXTERNAL_URL: base, GOTRUE_SITE_URL: 'http://localhost:3000',
    GOTRUE_JWT_SECRET: SECRET, GOTRUE_JWT_AUD: 'authenticated', LATCHKEY_WORKERS: '4', ...env,
  }
  const file = join(folder, 'a file.env'), log = join(folder, 'log'), out = openSync(log, 'a')
  writeFileSync(file, Object.entries(all).map(([name, value]) => `${name}="${value}"\n`).join(''), { mode: 0o600 })
  const began = performance.now()
  const child = spawn(join(root, 'tests/serve'), [file, String(port), ...(config ? [config] : [])], { stdio: ['ignore', out, out], env: { ...process.env, TEST_SERVER: server, TEST_PREFIX: prefix } })
  const ended = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })))
  const running = {
    port, base, prefix, child, ended,
    log: () => readFileSync(log, 'utf8'),
    workers: () => descendants(child.pid).filter(({ name }) => name.startsWith('latchkey') && name !== 'latchkey keeper'),
    // Status, headers and text; bodies of any kind.
    ask: async (method, path, { body, headers = {} } = {}) => {
      const answer = await fetch(base + path, { method, body, headers, redirect: 'manual', ...(body?.getReader ? { duplex: 'half' } : {}) })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) }
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const how = await ended
      rmSync(folder, { recursive: true, force: true })
      return how
    },
  }
  for (const until = Date.now() + 10000; Date.now() < until;) {
    if (child.exitCode !== null) throw new Error(`the server ended at start:\n${running.log()}`)
    try {
      if ((await fetch(`${base}/health`)).status === 200) return Object.assign(running, { started: performance.now() - began })
    } catch {}
    await wait(3)
  }
  const said = running.log()
  await running.stop()
  throw new Error(`no answer from ${base}/health:\n${said}`)
}

// Bytes as they are on a connection of their own. pieces: strings or buffers; numbers are pauses in milliseconds, promises are waited for.
export function raw(port, ...pieces) {
  return new Promise((done, fail) => {
    const chunks = [], socket = net.connect(port, '127.0.0.1')
    const end = () => { socket.destroy(); done(Buffer.concat(chunks).toString('latin1')) }
    socket.setTimeout(20000, end)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('end', end)
    socket.on('error', (error) => (chunks.length ? end() : fail(error)))
    socket.on('connect', async () => {
      for (const piece of pieces) typeof piece === 'number' ? await wait(piece) : piece.then ? await piece : socket.write(piece)
    })
  })
}

export const statusOf = (answer) => Number(answer.split(' ')[1])
export const bodyOf = (answer) => answer.slice(answer.indexOf('\r\n\r\n') + 4)

export function token(claims = {}) {
  const part = (x) => Buffer.from(JSON.stringify(x)).toString('base64url'), now = Math.floor(Date.now() / 1000)
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ aud: 'authenticated', role: 'authenticated', sub: crypto.randomUUID(), iat: now, exp: now + 600, ...claims })}`
  return `${text}.${crypto.createHmac('sha256', SECRET).update(text).digest('base64url')}`
}

// One that has ended and lies unburied is not alive.
export const alive = (pid) => { try { return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')) } catch { return false } }

// Which of these processes has a connection to that port of this machine.
export function connectedTo(port, processes) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0'), inodes = new Set()
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    if (fields[2]?.endsWith(`:${hex}`) && fields[3] === '01') inodes.add(`socket:[${fields[9]}]`)
  }
  return processes.filter(({ pid }) => {
    try { return readdirSync(`/proc/${pid}/fd`).some((fd) => { try { return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`)) } catch { return false } }) } catch { return false }
  })
}
