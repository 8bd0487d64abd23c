// A server whose mails go to relays of the test, its outbox, and the operator's command.
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, serve, sign, wait } from '../../api/lib/server.mjs'

export { wait }
export const admin = sign({ role: 'service_role' })
let made = 0

export const database = () => Database.copy(`mail_${process.pid}_${++made}`)

const settings = (url, env) => ({
  DATABASE_URL: url, GOTRUE_DB_DRIVER: 'postgres', DB_NAMESPACE: 'auth', API_EXTERNAL_URL: 'https://auth.example.org', GOTRUE_SITE_URL: 'https://app.example.org',
  GOTRUE_JWT_SECRET: 'tests-only-secret-that-is-long-enough-for-hs256', GOTRUE_JWT_AUD: 'authenticated', GOTRUE_JWT_EXP: '3600',
  GOTRUE_JWT_ADMIN_ROLES: 'service_role,supabase_admin', GOTRUE_SMTP_ADMIN_EMAIL: 'auth@example.org', ...env,
})

// start({ LATCHKEY_SMTP_RELAYS: … }): invite(address) sends one mail through one request.
export async function start(env = {}, db) {
  db ??= await database()
  const server = await serve({ ...settings(db.url, env), GOTRUE_MAILER_AUTOCONFIRM: 'false', GOTRUE_RATE_LIMIT_EMAIL_SENT: '1000000', GOTRUE_SMTP_MAX_FREQUENCY: '1ns', ...env }, { database: db })
  return Object.assign(server, {
    invite: async (email) => {
      const began = performance.now(), answer = await server.call('POST', '/invite', { bearer: admin, json: { email } })
      return { ...answer, took: performance.now() - began }
    },
    row: async (address) => {
      const [row] = await db.sql(`select state, attempts, relay, answer, message is null, doubtful, id from latchkey.outbox where recipients[1] = '${address}' order by created_at desc limit 1`)
      return row && { state: row[0], attempts: Number(row[1]), relay: row[2], answer: row[3], erased: row[4] === 't', doubtful: row[5] === 't', id: row[6] }
    },
    users: async () => Number(await db.value('select count(*) from auth.users')),
    entries: () => server.log().split('\n').flatMap((line) => { try { return [JSON.parse(line)] } catch { return [] } }),
    until: async (state, address, ms = 20000) => {
      for (const end = Date.now() + ms; Date.now() < end; await wait(50)) if ((await server.row(address))?.state === state) return true
      return false
    },
  })
}

// mail(db, { env }, 'queue', '--all'): { status, out, err } of latchkey mail.
export function mail(db, env, ...words) {
  const file = join(mkdtempSync(join(tmpdir(), 'ctl-')), 'env')
  writeFileSync(file, Object.entries(settings(db.url, env)).map(([name, value]) => `${name}='${value}'\n`).join(''), { mode: 0o600 })
  const { input = '', words: more } = typeof words[0] === 'object' ? { input: words[0].input, words: words.slice(1) } : { words }
  return new Promise((done) => {
    const child = execFile(join(process.env.BUILD_DIR, 'latchkey'), ['mail', ...more, '-c', file], (error, out, err) => done({ status: error ? error.code : 0, out, err }))
    child.stdin.end(input)
  })
}
