// Second factors and passkeys: what only shows when requests come at once, attestations that scenarios do not have, and which session may do what.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve, claims } from './lib/server.mjs'
import { steps } from '../conform/lib/steps.mjs'

const PASSWORD = 'correct horse battery 9', ORIGIN = 'http://localhost:3000'
let server
before(async () => {
  server = await serve({
    GOTRUE_RATE_LIMIT_HEADER: 'X-Never-Sent', GOTRUE_MFA_PHONE_ENROLL_ENABLED: 'true', GOTRUE_MFA_PHONE_VERIFY_ENABLED: 'true', GOTRUE_MFA_WEB_AUTHN_ENROLL_ENABLED: 'true',
    GOTRUE_MFA_WEB_AUTHN_VERIFY_ENABLED: 'true', GOTRUE_PASSKEY_ENABLED: 'true', GOTRUE_PASSKEY_MAX_PASSKEYS_PER_USER: '3', GOTRUE_MFA_MAX_ENROLLED_FACTORS: '3', GOTRUE_WEBAUTHN_RP_ID: 'localhost',
    GOTRUE_WEBAUTHN_RP_DISPLAY_NAME: 'Test', GOTRUE_WEBAUTHN_RP_ORIGINS: ORIGIN, GOTRUE_HOOK_SEND_SMS_ENABLED: 'true', GOTRUE_HOOK_SEND_SMS_URI: 'pg-functions://postgres/public/send_sms',
    GOTRUE_EXTERNAL_PHONE_ENABLED: 'true', GOTRUE_SMS_AUTOCONFIRM: 'true', GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
  })
  await server.database.sql(`create table public.sent (otp text, at timestamptz default clock_timestamp());
    create function public.send_sms(event jsonb) returns jsonb language plpgsql security definer as $$ begin perform pg_sleep(0.1); insert into public.sent (otp) values (event->'sms'->>'otp'); return '{}'; end $$;
    grant execute on function public.send_sms to supabase_auth_admin`)
})
after(() => server.stop())

let number = 0
async function person() {
  const email = `factors-${++number}@example.com`, { status, body, raw } = await server.call('POST', '/signup', { json: { email, password: PASSWORD } })
  assert.equal(status, 200, raw)
  return { email, bearer: body.access_token, user: body.user.id }
}
const signIn = async ({ email }) => (await server.call('POST', '/token?grant_type=password', { json: { email, password: PASSWORD } })).body.access_token
const good = async (method, path, options) => {
  const answer = await server.call(method, path, options)
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.raw}`)
  return answer.body
}
const statuses = (answers) => answers.map((answer) => answer.status).sort().join(' ')
async function code(secret, offset = 0) {
  const world = { vars: {} }
  await steps.totp({ secret, keep: 'code', offset }, world)
  return world.vars.code
}
const enroll = (bearer, json = {}) => good('POST', '/factors', { bearer, json: { factor_type: 'totp', friendly_name: `f${++number}`, ...json } })
const challenge = (bearer, factor, json = {}) => good('POST', `/factors/${factor}/challenge`, { bearer, json })
const verify = (bearer, factor, json) => server.call('POST', `/factors/${factor}/verify`, { bearer, json })

/* ---- once only ---- */

test('a code is accepted once, however many challenges ask for it at once', async () => {
  const { bearer } = await person(), factor = await enroll(bearer)
  const challenges = await Promise.all(Array.from({ length: 8 }, () => challenge(bearer, factor.id)))
  const now = await code(factor.totp.secret)
  const answers = await Promise.all(challenges.map(({ id }) => verify(bearer, factor.id, { challenge_id: id, code: now })))
  const right = answers.filter(({ status }) => status === 200)
  assert.equal(right.length, 1, statuses(answers))
  for (const { status, body } of answers.filter((answer) => !right.includes(answer))) assert.deepEqual([status, body.msg], [422, 'Invalid TOTP code entered'])

  const again = await challenge(right[0].body.access_token, factor.id)
  const replay = await verify(right[0].body.access_token, factor.id, { challenge_id: again.id, code: now })
  assert.deepEqual([replay.status, replay.body.error_code], [422, 'mfa_verification_failed'])
  assert.equal((await verify(right[0].body.access_token, factor.id, { challenge_id: again.id, code: await code(factor.totp.secret, 1) })).status, 200)
  const old = await challenge(right[0].body.access_token, factor.id)
  assert.equal((await verify(right[0].body.access_token, factor.id, { challenge_id: old.id, code: now })).status, 422, 'a code of an earlier step')
})

test('a challenge is spent once, however many requests bring it at once', async () => {
  const { bearer, user } = await person(), factor = await enroll(bearer, { factor_type: 'phone', phone: '+15005550' + 100 + ++number })
  const { id } = await challenge(bearer, factor.id)
  const otp = await server.database.value('select otp from public.sent order by at desc limit 1')
  const answers = await Promise.all(Array.from({ length: 8 }, () => verify(bearer, factor.id, { challenge_id: id, code: otp })))
  assert.equal(statuses(answers), '200 422 422 422 422 422 422 422', answers.map((answer) => answer.raw).join('\n'))
  assert.equal(await server.database.value(`select count(*) from auth.audit_log_entries where payload->>'action' = 'verification_attempted' and payload->>'actor_id' = '${user}'`), '1')
})

test('challenges of one factor at once all succeed, and quickly', async () => {
  const { bearer } = await person(), factor = await enroll(bearer), began = Date.now()
  const answers = await Promise.all(Array.from({ length: 24 }, () => server.call('POST', `/factors/${factor.id}/challenge`, { bearer })))
  assert.equal(statuses(answers), Array(24).fill(200).join(' '))
  assert.ok(Date.now() - began < 900, 'nobody waited for a deadlock to be found')
})

test('one message leaves to a phone, however many ask for it at once', async () => {
  const { bearer } = await person(), factor = await enroll(bearer, { factor_type: 'phone', phone: '+15005550' + 200 + ++number })
  const before = Number(await server.database.value('select count(*) from public.sent'))
  const answers = await Promise.all(Array.from({ length: 6 }, () => server.call('POST', `/factors/${factor.id}/challenge`, { bearer, json: {} })))
  assert.equal(statuses(answers), '200 429 429 429 429 429')
  assert.equal(Number(await server.database.value('select count(*) from public.sent')) - before, 1)
})

test('a message that did not leave does not count', async () => {
  const { bearer } = await person(), factor = await enroll(bearer, { factor_type: 'phone', phone: '+15005550' + 300 + ++number })
  await server.database.sql('alter table public.sent rename to sent_away')
  try {
    assert.equal((await server.call('POST', `/factors/${factor.id}/challenge`, { bearer, json: {} })).status, 500)
    assert.equal(await server.database.value(`select last_challenged_at is null from auth.mfa_factors where id = '${factor.id}'`), 't')
  } finally { await server.database.sql('alter table public.sent_away rename to sent') }
  await challenge(bearer, factor.id)
})

test('caps and names hold against requests at once', async () => {
  const { bearer } = await person()
  const same = await Promise.all(Array.from({ length: 6 }, () => server.call('POST', '/factors', { bearer, json: { factor_type: 'totp', friendly_name: 'mine' } })))
  assert.equal(statuses(same), '200 422 422 422 422 422')
  const more = await Promise.all(Array.from({ length: 6 }, (_, i) => server.call('POST', '/factors', { bearer, json: { factor_type: 'totp', friendly_name: `more ${i}` } })))
  assert.equal(statuses(more), '200 200 422 422 422 422')
})

test('verifications of two factors of one user at once do not end each other', async () => {
  for (let round = 0; round < 5; round++) {
    const one = await person(), bearers = [one.bearer, await signIn(one)]
    const factors = [await enroll(bearers[0]), await enroll(bearers[1])]
    const challenges = await Promise.all(factors.map(({ id }, i) => challenge(bearers[i], id)))
    const answers = await Promise.all(factors.map(async ({ id, totp }, i) => verify(bearers[i], id, { challenge_id: challenges[i].id, code: await code(totp.secret) })))
    // each ends what the other has not raised yet: one is left for sure, and nobody waits for the other
    assert.ok(answers.some(({ status }) => status === 200), answers.map((answer) => answer.raw).join('\n'))
    assert.ok(!answers.some(({ raw }) => /deadlock/.test(raw)))
  }
  assert.doesNotMatch(server.log(), /deadlock detected/)
})

// Runs call while another holds what lock locks; once the call waits for that, change happens and is committed.
async function meanwhile(lock, change, call) {
  const mark = `race-${++number}`
  const other = server.database.sql(`/* ${mark} */ do $$ begin perform ${lock} for update;
    for i in 1..500 loop exit when exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'); perform pg_sleep(0.01); end loop;
    if not exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') then raise 'nobody waited'; end if;
    ${change}; end $$`)
  while (await server.database.value(`select count(*) from pg_stat_activity where query like '/* ${mark} */%' and wait_event = 'PgSleep'`) === '0') await Promise.race([other, new Promise((done) => setTimeout(done, 10))])
  const answer = await call()
  await other
  return answer
}

test('a factor that is verified in the meantime does not leave without the second level', async () => {
  const { bearer, user } = await person(), factor = await enroll(bearer)
  const { status, body } = await meanwhile(`1 from auth.sessions where user_id = '${user}'`, `update auth.mfa_factors set status = 'verified' where id = '${factor.id}'`, () => server.call('DELETE', `/factors/${factor.id}`, { bearer }))
  assert.deepEqual([status, body.error_code, body.msg], [422, 'insufficient_aal', 'AAL2 required to unenroll verified factor'])
  assert.equal(await server.database.value(`select count(*) from auth.mfa_factors where id = '${factor.id}'`), '1')
})

test('a phone that is verified in the meantime makes no room for another with its number', async () => {
  const { bearer } = await person(), phone = '+15005550' + 400 + ++number, factor = await enroll(bearer, { factor_type: 'phone', phone })
  const { status } = await meanwhile(`1 from auth.mfa_factors where id = '${factor.id}'`, `update auth.mfa_factors set status = 'verified' where id = '${factor.id}'`, () => server.call('POST', '/factors', { bearer, json: { factor_type: 'phone', phone, friendly_name: 'again' } }))
  assert.ok(status >= 400, `${status}`)
  assert.equal(await server.database.value(`select status from auth.mfa_factors where id = '${factor.id}'`), 'verified')
})

/* ---- authenticators ---- */

const world = () => ({ vars: {} })
async function registrationOptions(bearer) { return good('POST', '/passkeys/registration/options', { bearer }) }
const register = (bearer, challenge_id, credential) => server.call('POST', '/passkeys/registration/verify', { bearer, json: { challenge_id, credential } })

test('the cap of passkeys holds against requests at once, and a credential is registered once', async () => {
  const { bearer } = await person(), w = world(), ceremonies = []
  for (let i = 0; i < 6; i++) {
    const { challenge_id, options } = await registrationOptions(bearer)
    await steps.webauthn_create({ options, keep: `cap ${i}` }, w)
    ceremonies.push([challenge_id, w.vars[`cap ${i}`]])
  }
  const answers = await Promise.all(ceremonies.map(([id, credential]) => register(bearer, id, credential)))
  assert.equal(statuses(answers), '200 200 200 422 422 422')
  const { bearer: other } = await person(), { challenge_id, options } = await registrationOptions(other)
  const taken = answers.findIndex(({ status }) => status === 200)
  await steps.webauthn_create({ options, keep: 'again', same_as: `cap ${taken}` }, w)
  const { status, body } = await register(other, challenge_id, w.vars.again)
  assert.deepEqual([status, body.error_code], [422, 'webauthn_credential_exists'])
})

test('an assertion signs in once, however many bring it at once', async () => {
  const { bearer, user } = await person(), w = world(), { challenge_id, options } = await registrationOptions(bearer)
  await steps.webauthn_create({ options, keep: 'once' }, w)
  assert.equal((await register(bearer, challenge_id, w.vars.once)).status, 200)
  await server.database.sql(`delete from auth.sessions where user_id = '${user}'`)
  const begun = await good('POST', '/passkeys/authentication/options')
  await steps.webauthn_get({ options: begun.options, with: 'once', keep: 'assertion', counter: 1 }, w)
  const answers = await Promise.all(Array.from({ length: 6 }, () => server.call('POST', '/passkeys/authentication/verify', { json: { challenge_id: begun.challenge_id, credential: w.vars.assertion } })))
  assert.equal(statuses(answers), '200 400 400 400 400 400')
  for (const { body } of answers.filter(({ status }) => status === 400)) assert.equal(body.error_code, 'webauthn_challenge_not_found')
  assert.equal(await server.database.value(`select count(*) from auth.sessions where user_id = '${user}'`), '1')
})

const verifyKey = (bearer, factor, challenge_id, type, credential_response) => verify(bearer, factor, { challenge_id, webauthn: { type, credential_response } })

test('an open challenge of before does not let a strange authenticator in, nor a known key into another factor', async () => {
  const { bearer } = await person(), w = world(), factor = await enroll(bearer, { factor_type: 'webauthn' })
  const [first, second] = [await challenge(bearer, factor.id), await challenge(bearer, factor.id)]
  const optionsOf = (one) => one.webauthn.credential_options.publicKey
  await steps.webauthn_create({ options: optionsOf(first), keep: 'mine' }, w)
  await steps.webauthn_create({ options: optionsOf(second), keep: 'strange' }, w)
  const answers = await Promise.all(Array.from({ length: 4 }, () => verifyKey(bearer, factor.id, first.id, 'create', w.vars.mine)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1, statuses(answers))
  const aal2 = answers.find(({ status }) => status === 200).body.access_token
  assert.equal((await verifyKey(aal2, factor.id, second.id, 'create', w.vars.strange)).status, 500)

  const other = await enroll(aal2, { factor_type: 'webauthn' }), third = await challenge(aal2, other.id)
  await steps.webauthn_get({ options: { ...optionsOf(third), rpId: 'localhost' }, with: 'mine', keep: 'assertion' }, w)
  assert.equal((await verifyKey(aal2, other.id, third.id, 'request', w.vars.assertion)).status, 500)
  assert.equal(await server.database.value(`select status from auth.mfa_factors where id = '${other.id}'`), 'unverified')
})

test('what is said where the sessions of the first level cannot be ended', async () => {
  await server.database.sql(`create function public.keep_sessions() returns trigger language plpgsql as $$ begin raise sqlstate '22000' using message = 'kept'; end $$;
    create trigger keep_sessions before delete on auth.sessions for each row execute function public.keep_sessions()`)
  try {
    for (const [factor_type, msg] of [['totp', 'Failed to update sessions'], ['webauthn', 'Failed to update session']]) {
      const one = await person(), w = world(), factor = await enroll(one.bearer, { factor_type }), { id, webauthn } = await challenge(one.bearer, factor.id)
      await signIn(one)
      if (webauthn) await steps.webauthn_create({ options: webauthn.credential_options.publicKey, keep: 'key' }, w)
      const { status, body } = webauthn ? await verifyKey(one.bearer, factor.id, id, 'create', w.vars.key) : await verify(one.bearer, factor.id, { challenge_id: id, code: await code(factor.totp.secret) })
      assert.deepEqual([status, body.msg], [500, msg], factor_type)
      assert.equal(await server.database.value(`select status from auth.mfa_factors where id = '${factor.id}'`), 'unverified')
    }
  } finally { await server.database.sql('drop trigger keep_sessions on auth.sessions') }
})

test('what passkeys are registered and signed in with is no passkey of that name', async () => {
  const { bearer } = await person()
  for (const path of ['/passkeys/authentication', '/passkeys/authentication/', '/passkeys/registration', '/passkeys/registration/'])
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE', 'OPTIONS']) {
      const stranger = await server.call(method, path), known = await server.call(method, path, { bearer })
      assert.deepEqual([stranger.status, known.status], [/registration/.test(path) ? 401 : 404, 404], `${method} ${path}`)
      assert.equal(known.raw, '404 page not found\n')
    }
  assert.doesNotMatch(server.log(), /ended by a signal/)
})

// ---- certificates for attestations that the conformance runner does not make

function certificate(folder, { subject = '/', extensions }) {
  const key = join(folder, 'key.pem'), config = join(folder, 'openssl.cnf'), file = join(folder, 'cert.der')
  execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key])
  writeFileSync(config, `[req]\ndistinguished_name = empty\n[empty]\n[v3]\n${extensions}\n`)
  execFileSync('openssl', ['req', '-x509', '-new', '-key', key, '-subj', subject, '-days', '30', '-config', config, '-extensions', 'v3', '-outform', 'DER', '-out', file], { stdio: 'pipe' })
  return { key: readFileSync(key), der: readFileSync(file) }
}
const u16 = (n) => Buffer.from([n >> 8, n & 255]), sized = (data) => Buffer.concat([u16(data.length), data])
const sha256 = (data) => crypto.createHash('sha256').update(data).digest()
const hex = (data) => `hex:${data.toString('hex')}`
const TPM = `keyUsage = critical,digitalSignature\nbasicConstraints = critical,CA:FALSE\nextendedKeyUsage = 2.23.133.8.3\nsubjectAltName = critical,dirName:dn\n[dn]\n1.2.23.133.2.1 = id:414D4400\n2.2.23.133.2.2 = Model\n3.2.23.133.2.3 = id:13`

async function withAttestation(fmt, statementOf) {
  const { bearer } = await person(), { challenge_id, options } = await registrationOptions(bearer), w = world(), keep = `attested ${++number}`
  await steps.webauthn_create({ options, keep }, w)
  const authData = Buffer.from(w.vars[`${keep}.authdata`], 'hex'), client = Buffer.from(w.vars[keep].response.clientDataJSON, 'base64url'), cose = Buffer.from(w.vars[`${keep}.cose`], 'hex')
  const statement = statementOf({ signed: Buffer.concat([authData, sha256(client)]), x: cose.subarray(-67, -35), y: cose.subarray(-32) })
  await steps.webauthn_create({ options, keep: keep, fmt, att_stmt: statement }, w)
  return register(bearer, challenge_id, w.vars[keep])
}

function tpmStatement({ signed, x, y }, { key, der }, { extra = sha256(signed), pubAlg = 0x000b, magic = 0xff544347, ver = '2.0', curve = 3 } = {}) {
  const pubArea = Buffer.concat([u16(0x0023), u16(pubAlg), Buffer.alloc(4), sized(Buffer.alloc(0)), u16(0x0010), u16(0x0010), u16(curve), u16(0x0010), sized(x), sized(y)])
  const name = Buffer.concat([u16(0x000b), sha256(pubArea)]), head = Buffer.alloc(4)
  head.writeUInt32BE(magic)
  const certInfo = Buffer.concat([head, u16(0x8017), sized(Buffer.alloc(0)), sized(extra), Buffer.alloc(25), sized(name), sized(Buffer.alloc(0))])
  return { ver, alg: -7, sig: hex(crypto.sign('sha256', certInfo, key)), certInfo: hex(certInfo), pubArea: hex(pubArea), x5c: [hex(der)] }
}

test('attestations of a TPM', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tpm-'))
  try {
    const right = certificate(folder, { extensions: TPM })
    const cases = [
      ['a right one', (it) => tpmStatement(it, right), 200],
      ['of other data', (it) => tpmStatement(it, right, { extra: sha256('other') }), 400],
      ['of another key', (it) => tpmStatement({ ...it, y: Buffer.alloc(32, 1) }, right), 400],
      ['of another curve', (it) => tpmStatement(it, right, { curve: 4 }), 400],
      ['not made by a TPM', (it) => tpmStatement(it, right, { magic: 0x12345678 }), 400],
      ['under another name', (it) => tpmStatement(it, right, { pubAlg: 0x000c }), 400],
      ['of version 1.2', (it) => tpmStatement(it, right, { ver: '1.2' }), 400],
      ['with a wrong signature', (it) => { const out = tpmStatement(it, right); return { ...out, sig: hex(crypto.sign('sha256', Buffer.from('x'), right.key)) } }, 400],
      ['without its certificate', (it) => ({ ...tpmStatement(it, right), x5c: [] }), 400],
      ['of an unknown maker', (it) => tpmStatement(it, certificate(folder, { extensions: TPM.replace('414D4400', '00000000') })), 400],
      ['for another use', (it) => tpmStatement(it, certificate(folder, { extensions: TPM.replace('2.23.133.8.3', 'serverAuth') })), 400],
      ['by an authority', (it) => tpmStatement(it, certificate(folder, { extensions: TPM.replace('CA:FALSE', 'CA:TRUE') })), 400],
      ['with a subject', (it) => tpmStatement(it, certificate(folder, { subject: '/CN=x', extensions: TPM })), 400],
    ]
    for (const [name, statement, status] of cases) await t.test(name, async () => {
      const answer = await withAttestation('tpm', statement)
      assert.equal(answer.status, status, answer.raw)
    })
  } finally { rmSync(folder, { recursive: true }) }
})

test('attestations of SafetyNet, and chains that lead to no known root', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'net-')), rsa = join(folder, 'rsa.pem'), config = join(folder, 'rsa.cnf')
  try {
    const signer = (host) => {
      execFileSync('openssl', ['genrsa', '-out', rsa, '2048'], { stdio: 'pipe' })
      writeFileSync(config, `[req]\ndistinguished_name = empty\n[empty]\n[v3]\nsubjectAltName = DNS:${host}\n`)
      execFileSync('openssl', ['req', '-x509', '-new', '-key', rsa, '-subj', '/CN=x', '-config', config, '-extensions', 'v3', '-outform', 'DER', '-out', join(folder, 'rsa.der')], { stdio: 'pipe' })
      return { key: readFileSync(rsa), der: readFileSync(join(folder, 'rsa.der')) }
    }
    const jws = ({ key, der }, payload, header = {}) => {
      const text = [{ alg: 'RS256', x5c: [der.toString('base64')], ...header }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
      return hex(Buffer.from(`${text}.${crypto.sign('sha256', Buffer.from(text), key).toString('base64url')}`))
    }
    const payload = ({ signed }, more) => ({ nonce: sha256(signed).toString('base64'), ctsProfileMatch: true, timestampMs: Date.now() - 1000, ...more })
    const right = signer('attest.android.com'), wrong = signer('attest.example.com'), self = certificate(folder, { subject: '/CN=x', extensions: 'basicConstraints = CA:FALSE' })
    const net = (it, one, more, header) => ({ ver: '1', response: jws(one, payload(it, more), header) })
    const cases = [
      ['a right one', 'android-safetynet', (it) => net(it, right), 200],
      ['of another host', 'android-safetynet', (it) => net(it, wrong), 400],
      ['of other data', 'android-safetynet', (it) => net(it, right, { nonce: 'AAAA' }), 400],
      ['of a changed device', 'android-safetynet', (it) => net(it, right, { ctsProfileMatch: false }), 400],
      ['of tomorrow', 'android-safetynet', (it) => net(it, right, { timestampMs: Date.now() + 86400000 }), 400],
      ['of another algorithm', 'android-safetynet', (it) => net(it, right, {}, { alg: 'none' }), 400],
      ['signed by somebody else', 'android-safetynet', (it) => net(it, { ...right, key: wrong.key }), 400],
      ['without version', 'android-safetynet', (it) => ({ ...net(it, right), ver: '' }), 400],
      ['apple by anybody', 'apple', () => ({ x5c: [hex(self.der)] }), 400],
      ['android-key by anybody', 'android-key', ({ signed }) => ({ alg: -7, sig: hex(crypto.sign('sha256', signed, self.key)), x5c: [hex(self.der)] }), 400],
      ['compound', 'compound', () => ({}), 400],
    ]
    for (const [name, fmt, statement, status] of cases) await t.test(name, async () => {
      const answer = await withAttestation(fmt, statement)
      assert.equal(answer.status, status, answer.raw)
    })
  } finally { rmSync(folder, { recursive: true }) }
})

/* ---- which session may do what (contract 08 section 3.3) ---- */

const passkeySignIn = async (w) => {
  const { challenge_id, options } = await good('POST', '/passkeys/authentication/options')
  await steps.webauthn_get({ options, with: 'key', keep: 'assertion' }, w)
  return (await good('POST', '/passkeys/authentication/verify', { json: { challenge_id, credential: w.vars.assertion } })).access_token
}

// A user with a passkey, and where mfa is set a verified TOTP factor and an unverified one; signed in by that method last.
async function userWith(method, mfa) {
  const one = await person(), w = world(), { challenge_id, options } = await registrationOptions(one.bearer)
  await steps.webauthn_create({ options, keep: 'key', id_bytes: 32 + number % 64 }, w)
  const passkey = await register(one.bearer, challenge_id, w.vars.key)
  assert.equal(passkey.status, 200, passkey.raw)
  const spare = await enroll(one.bearer, { factor_type: 'webauthn' })
  let factor
  if (mfa) {
    factor = await enroll(one.bearer)
    const { id } = await challenge(one.bearer, factor.id)
    one.bearer = (await verify(one.bearer, factor.id, { challenge_id: id, code: await code(factor.totp.secret, -1) })).body.access_token
  }
  if (method === 'password') one.bearer = await signIn(one)
  if (method === 'passkey') one.bearer = await passkeySignIn(w)
  return { ...one, factor, spare, passkey: passkey.body.id }
}

const GATES = {
  enroll: ({ bearer }) => server.call('POST', '/factors', { bearer, json: { factor_type: 'totp', friendly_name: 'new' } }),
  'challenge and GET': async ({ bearer, spare }) => { await good('GET', '/passkeys', { bearer }); return server.call('POST', `/factors/${spare.id}/challenge`, { bearer, json: {} }) },
  'unenroll unverified': ({ bearer, spare }) => server.call('DELETE', `/factors/${spare.id}`, { bearer }),
  'new password': ({ bearer }) => server.call('PUT', '/user', { bearer, json: { password: 'another horse battery 9' } }),
  'new data': ({ bearer }) => server.call('PUT', '/user', { bearer, json: { data: { a: 1 } } }),
  'register a passkey': ({ bearer }) => server.call('POST', '/passkeys/registration/options', { bearer }),
  'verify a passkey': ({ bearer }) => server.call('POST', '/passkeys/registration/verify', { bearer, json: {} }), // 400: its gate has been passed
  'rename a passkey': ({ bearer, passkey }) => server.call('PATCH', `/passkeys/${passkey}`, { bearer, json: { friendly_name: 'mine' } }),
  'delete a passkey': ({ bearer, passkey }) => server.call('DELETE', `/passkeys/${passkey}`, { bearer }),
  'unenroll verified': ({ bearer, factor, spare }) => server.call('DELETE', `/factors/${(factor || spare).id}`, { bearer }),
}
const LOW = { enroll: 403, 'new password': 401, 'register a passkey': 403, 'verify a passkey': 403, 'delete a passkey': 403, 'unenroll verified': 422 }

for (const [method, mfa, level] of [['password', false, 'aal1'], ['passkey', false, 'aal1'], ['password', true, 'aal1'], ['passkey', true, 'aal1'], ['totp', true, 'aal2']]) {
  test(`a session by ${method} of a user ${mfa ? 'with' : 'without'} a verified factor`, async (t) => {
    const one = await userWith(method, mfa)
    assert.equal(claims(one.bearer).aal, level)
    const names = Object.keys(GATES).filter((name) => mfa || name !== 'unenroll verified')
    for (const name of names) await t.test(name, async () => {
      const { status, body, raw } = await GATES[name](one)
      const refused = mfa && level === 'aal1' && LOW[name]
      if (refused) assert.deepEqual([status, body.error_code], [refused, 'insufficient_aal'], raw)
      else assert.ok(status < 300 || (name === 'verify a passkey' && status === 400), `${status} ${raw}`)
    })
  })
}
