// A built tree behind a web server, on a database and a port of its own, for one test file.
import { execFile, spawn } from 'node:child_process'
import crypto from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync, mkdtempSync, openSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { descendants, freePort, wait } from '../../lib/machine.mjs'

export { descendants, freePort, wait }

const run = promisify(execFile)
export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
export const SECRET = 'tests-only-secret-that-is-long-enough-for-hs256'

// The folder of the cluster's socket, where a migrated database called api_template waits to be copied (tests/run/api.sh).
const host = process.env.TEST_PGHOST
if (!host) throw new Error('run these tests with ./check api')

export class Database {
  constructor(name, { folder = host, port = 5432, url } = {}) {
    Object.assign(this, { name, folder, port, url: url || `postgres://supabase_auth_admin@${encodeURIComponent(folder)}/${name}` })
  }

  static async copy(name) {
    const all = new Database('postgres')
    await all.sql(`drop database if exists ${name} with (force)`)
    await all.sql(`create database ${name} template api_template`)
    await all.sql(`alter database ${name} set search_path = auth`)
    return new Database(name)
  }

  // Rows as arrays of texts; as superuser, one statement or several.
  async sql(text) {
    const { stdout } = await run('psql', ['-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-h', this.folder, '-p', String(this.port), '-U', 'postgres', '-d', this.name, '-c', text], { maxBuffer: 1 << 26 })
    return stdout.split('\n').filter((line) => line !== '').map((line) => line.split('\t'))
  }

  async value(text) { return (await this.sql(text))[0]?.[0] }
}

// serve({ NAME: value }, { prefix: '/auth/v1', database, port, watched: folder of settings }): started and healthy. The variables may be a function of the base URL.
export async function serve(env = {}, { prefix = '', database, port, watched } = {}) {
  database ??= await Database.copy(`api_${process.env.TEST_SERVER || 'lighttpd'}_${process.pid}`)
  port ??= await freePort()
  const base = `http://127.0.0.1:${port}${prefix}`
  const folder = mkdtempSync(join(tmpdir(), 'api-'))
  const all = {
    DATABASE_URL: database.url, GOTRUE_DB_DRIVER: 'postgres', DB_NAMESPACE: 'auth', API_EXTERNAL_URL: base, GOTRUE_SITE_URL: 'http://localhost:3000',
    GOTRUE_JWT_SECRET: SECRET, GOTRUE_JWT_AUD: 'authenticated', GOTRUE_JWT_EXP: '3600', GOTRUE_JWT_ADMIN_ROLES: 'service_role,supabase_admin',
    GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated', GOTRUE_MAILER_AUTOCONFIRM: 'true', GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true', LATCHKEY_WORKERS: '4',
    ...(typeof env === 'function' ? env(base) : env),
  }
  const file = join(folder, 'server.env'), log = join(folder, 'server.log')
  writeFileSync(file, Object.entries(all).map(([name, value]) => `${name}='${value}'\n`).join(''), { mode: 0o600 })
  const out = openSync(log, 'a')
  const child = spawn(join(root, 'tests/serve'), [file, String(port), ...(watched ? [watched] : [])], { stdio: ['ignore', out, out], env: { ...process.env, TEST_PREFIX: prefix } })
  const ended = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })))
  const server = {
    base, port, prefix, database, child, env: all,
    log: () => readFileSync(log, 'utf8'),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      return ended
    },
    // Everything the web server and the program run, from its process down.
    processes: () => descendants(child.pid),
    call: (method, path, options) => call(base, method, path, options),
  }
  for (const until = Date.now() + 10000; Date.now() < until;) {
    if (child.exitCode !== null) throw new Error(`the server ended at start:\n${server.log()}`)
    try { if ((await fetch(`${base}/health`)).status === 200) return server } catch {}
    await wait(20)
  }
  await server.stop()
  throw new Error(`no answer from ${base}/health:\n${server.log()}`)
}

// One request; the answer's body as JSON where it is JSON.
export async function call(base, method, path, { json, text, bearer, headers = {} } = {}) {
  const send = { ...headers }
  if (bearer) send.authorization = `Bearer ${bearer}`
  if (json !== undefined) send['content-type'] ??= 'application/json'
  const answer = await fetch(base + path, { method, headers: send, body: json !== undefined ? JSON.stringify(json) : text, redirect: 'manual' })
  const raw = await answer.text()
  let body = raw
  try { body = JSON.parse(raw) } catch {}
  return { status: answer.status, headers: answer.headers, body, raw }
}

// The bytes as they are, on a connection of their own; everything that comes back until the server closes it or the time is over.
export function raw(port, bytes, { ms = 5000 } = {}) {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes)), chunks = []
    const end = () => { clearTimeout(late); socket.destroy(); done(Buffer.concat(chunks).toString('latin1')) }
    const late = setTimeout(end, ms)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('close', end)
    socket.on('error', end)
  })
}

export function sign(claims, { secret = SECRET, header = { alg: 'HS256', typ: 'JWT' } } = {}) {
  const part = (x) => Buffer.from(JSON.stringify(x)).toString('base64url')
  const now = Math.floor(Date.now() / 1000), text = `${part(header)}.${part({ aud: 'authenticated', iat: now - 5, exp: now + 3600, ...claims })}`
  return `${text}.${header.alg === 'none' ? '' : crypto.createHmac('sha256', secret).update(text).digest('base64url')}`
}

export const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))

// Memory that these processes have to themselves, plus their share of what is shared; in kB.
export function pss(processes) {
  let sum = 0
  for (const { pid } of processes) {
    try { sum += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) } catch {}
  }
  return sum
}
