// `latchkey admin`: users made and deleted past the API (contract 02 section 5.5 and checks 45 to 48).
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve, root } from './lib/server.mjs'

let server, file
before(async () => {
  server = await serve({ GOTRUE_MAILER_AUTOCONFIRM: 'false', GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated' })
  file = join(mkdtempSync(join(tmpdir(), 'admin-')), 'admin.env')
  writeFileSync(file, Object.entries(server.env).map(([name, value]) => `${name}='${value}'\n`).join(''), { mode: 0o600 })
})
after(() => server?.stop())

// What the command does: { status, stdout, entries of its log, but for notices }.
function latchkey(...words) {
  const program = join(process.env.BUILD_DIR || join(root, 'build'), 'latchkey')
  return new Promise((done) => execFile(program, [...words, '-c', file], (error, stdout, stderr) => done({
    status: error ? error.code : 0, stdout, stderr,
    entries: stderr.split('\n').flatMap((line) => { try { return [JSON.parse(line)] } catch { return [] } }).filter(({ msg }) => !/^DEPRECATION/.test(msg)).map(({ level, msg }) => [level, msg]),
  })))
}
const user = async (email) => (await server.database.sql(`select aud, role, email_confirmed_at is not null, encrypted_password like '$2a$10$%', raw_user_meta_data, confirmation_token from auth.users where email = '${email}'`))[0]

test('no arguments, unknown commands', async () => {
  for (const words of [['admin'], ['admin', 'nothing']]) {
    const { status, stdout } = await latchkey(...words)
    assert.equal(status, 0)
    assert.match(stdout, /createuser[\s\S]*deleteuser/)
  }
  for (const [words, msg] of [[['createuser', 'a@b.c'], 'Not enough arguments to createuser command. Expected at least email and password values'], [['deleteuser'], 'Not enough arguments to deleteuser command. Expected at least ID or email']])
    assert.deepEqual((({ status, entries }) => ({ status, entries }))(await latchkey('admin', ...words)), { status: 1, entries: [['fatal', msg]] })
})

test('a user, who can sign in; not twice', async () => {
  const made = await latchkey('admin', 'createuser', 'Ann@Example.com', 'pw', '--confirm')
  assert.deepEqual([made.status, made.stdout, made.entries], [0, '', [['info', 'Created user: Ann@Example.com']]])
  assert.deepEqual(await user('ann@example.com'), ['authenticated', '', 't', 't', '{"email_verified": true}', ''])
  for (const table of ['identities', 'audit_log_entries']) assert.equal(await server.database.value(`select count(*) from auth.${table}`), '0', table)
  const answer = await server.call('POST', '/token?grant_type=password', { json: { email: 'ann@example.com', password: 'pw' } })
  assert.equal(answer.status, 200, answer.raw)
  assert.deepEqual((({ status, entries }) => ({ status, entries }))(await latchkey('admin', 'createuser', 'ann@example.COM', 'pw')), { status: 1, entries: [['fatal', 'Error creating new user: user already exists']] })
  assert.equal(await server.database.value('select count(*) from auth.users'), '1')
})

test('roles, audiences, confirmation', async () => {
  const cases = [
    [['plain@example.com', 'pw'], ['authenticated', '', 'f']],
    [['given@example.com', 'pw', ' editor ', '--admin', '--confirm', '--aud', 'other'], ['other', 'editor', 't']],
    [['boss@example.com', 'pw', '--admin', '-a', 'other'], ['other', 'admin', 'f']],
  ]
  for (const [words, expected] of cases) {
    const { status, stderr } = await latchkey('admin', 'createuser', ...words)
    assert.equal(status, 0, stderr)
    assert.deepEqual((await user(words[0])).slice(0, 3), expected)
  }
  assert.equal((await latchkey('admin', 'createuser', 'nothing@example.com', '')).status, 0)
  assert.equal(await server.database.value(`select encrypted_password = '' from auth.users where email = 'nothing@example.com'`), 't')
  const long = await latchkey('admin', 'createuser', 'long@example.com', 'x'.repeat(73))
  assert.equal(long.status, 1)
  assert.match(long.entries[0][1], /^Error creating new user: /)
})

test('deleting, by address and by id', async () => {
  const other = await latchkey('admin', 'deleteuser', 'given@example.com')
  assert.equal(other.status, 1) // of another audience
  assert.match(other.entries[0][1], /^Error finding user \(given@example.com\): /)
  const gone = await latchkey('admin', 'deleteuser', 'Given@example.com', '--aud', 'other')
  assert.deepEqual([gone.status, gone.stdout, gone.entries], [0, '', [['info', 'Removed user: Given@example.com']]])
  assert.equal(await user('given@example.com'), undefined)
  assert.equal((await latchkey('admin', 'deleteuser', 'given@example.com', '--aud', 'other')).status, 1)
  const id = await server.database.value(`select id from auth.users where email = 'boss@example.com'`)
  assert.equal((await latchkey('admin', 'deleteuser', id)).status, 0) // the audience does not count for ids
  const again = await latchkey('admin', 'deleteuser', id)
  assert.deepEqual([again.status, again.entries[0][1]], [1, `Error finding user (${id}): User not found`])
})
