// The main job as @supabase/auth-js sees it.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { AuthClient, AuthAdminApi } from '@supabase/auth-js'
import { serve, sign, claims } from './lib/server.mjs'

let server
before(async () => { server = await serve() })
after(() => server?.stop())

const client = () => new AuthClient({ url: server.base, autoRefreshToken: false, persistSession: false })
const admin = () => new AuthAdminApi({ url: server.base, headers: { Authorization: `Bearer ${sign({ role: 'service_role' })}` } })
const PASSWORD = 'correct horse battery 9'
let number = 0
const address = () => `auth-js-${++number}@example.com`
const ok = ({ data, error }) => { assert.equal(error, null); return data }

async function signedUp(email = address()) {
  const auth = client()
  const { user, session } = ok(await auth.signUp({ email, password: PASSWORD, options: { data: { name: 'Ann' } } }))
  return { auth, email, user, session }
}

test('signing up gives a user and a session', async () => {
  const { user, session, email } = await signedUp()
  assert.equal(user.email, email)
  assert.equal(user.user_metadata.name, 'Ann')
  assert.deepEqual(user.app_metadata, { provider: 'email', providers: ['email'] })
  assert.equal(user.identities.length, 1)
  assert.equal(session.token_type, 'bearer')
  assert.equal(session.expires_in, 3600)
  const token = claims(session.access_token)
  assert.equal(token.sub, user.id)
  assert.equal(token.role, 'authenticated')
  assert.equal(token.aal, 'aal1')
  assert.equal(token.amr[0].method, 'password')
})

test('signing up twice with one address is refused', async () => {
  const { email } = await signedUp()
  const { error } = await client().signUp({ email, password: PASSWORD })
  assert.equal(error.code, 'user_already_exists')
  assert.equal(error.status, 422)
})

test('a short password is refused as weak', async () => {
  const { error } = await client().signUp({ email: address(), password: 'abc' })
  assert.equal(error.code, 'weak_password')
  assert.deepEqual(error.reasons, ['length'])
})

test('signing in with the password gives a session, with a wrong one invalid_credentials', async () => {
  const { email, user } = await signedUp()
  const { session } = ok(await client().signInWithPassword({ email: email.toUpperCase(), password: PASSWORD }))
  assert.equal(session.user.id, user.id)
  const { error } = await client().signInWithPassword({ email, password: PASSWORD + '!' })
  assert.equal(error.status, 400)
  assert.equal(error.code, 'invalid_credentials')
  const unknown = await client().signInWithPassword({ email: address(), password: PASSWORD })
  assert.equal(unknown.error.message, error.message)
})

test('refreshing gives a new pair and the old refresh token is spent', async () => {
  const { auth, session } = await signedUp()
  const one = ok(await auth.refreshSession()).session
  assert.notEqual(one.refresh_token, session.refresh_token)
  assert.equal(claims(one.access_token).session_id, claims(session.access_token).session_id)
  const two = ok(await auth.refreshSession()).session
  // the first token's successor is spent too: that is a theft, and the whole session's tokens go
  const { error } = await client().refreshSession({ refresh_token: session.refresh_token })
  assert.equal(error.code, 'refresh_token_already_used')
  const last = await client().refreshSession({ refresh_token: two.refresh_token })
  assert.equal(last.error.code, 'refresh_token_already_used')
})

test('a refresh token whose successor was never used gives that successor again', async () => {
  const { session } = await signedUp()
  const [one, two] = [await client().refreshSession(session), await client().refreshSession(session)]
  assert.equal(ok(one).session.refresh_token, ok(two).session.refresh_token)
})

test('getUser reads the account behind the token', async () => {
  const { auth, session, email } = await signedUp()
  assert.equal(ok(await auth.getUser()).user.email, email)
  assert.equal(ok(await client().getUser(session.access_token)).user.email, email)
  const { error } = await client().getUser(session.access_token.slice(0, -2) + (session.access_token.endsWith('A') ? 'BB' : 'AA'))
  assert.equal(error.code, 'bad_jwt')
})

test('getClaims accepts what was issued', async () => {
  const { auth, user } = await signedUp()
  assert.equal(ok(await auth.getClaims()).claims.sub, user.id)
})

test('updateUser changes metadata and password', async () => {
  const { auth, email } = await signedUp()
  const { user } = ok(await auth.updateUser({ data: { name: 'Beth', extra: { deep: [1, null, 'é'] } } }))
  assert.deepEqual(user.user_metadata.extra, { deep: [1, null, 'é'] })
  assert.equal(user.user_metadata.name, 'Beth')
  ok(await auth.updateUser({ password: PASSWORD + ' new' }))
  assert.equal((await client().signInWithPassword({ email, password: PASSWORD })).error.code, 'invalid_credentials')
  ok(await client().signInWithPassword({ email, password: PASSWORD + ' new' }))
  assert.equal((await auth.updateUser({ password: PASSWORD + ' new' })).error.code, 'same_password')
})

test('signing out ends this session, the others or all of them', async () => {
  const { email } = await signedUp()
  const [one, two, three] = await Promise.all([1, 2, 3].map(async () => {
    const auth = client()
    ok(await auth.signInWithPassword({ email, password: PASSWORD }))
    return { auth, token: (await auth.getSession()).data.session.access_token }
  }))
  const alive = async ({ token }) => (await server.call('GET', '/user', { bearer: token })).status === 200
  assert.equal((await one.auth.signOut({ scope: 'local' })).error, null)
  assert.deepEqual([await alive(one), await alive(two), await alive(three)], [false, true, true])
  assert.equal((await two.auth.signOut({ scope: 'others' })).error, null)
  assert.deepEqual([await alive(two), await alive(three)], [true, false])
  const again = client()
  ok(await again.signInWithPassword({ email, password: PASSWORD }))
  assert.equal((await two.auth.signOut({ scope: 'global' })).error, null)
  assert.deepEqual([await alive(two), (await again.getUser()).error.name], [false, 'AuthSessionMissingError'])
})

test('anonymous users sign in and are told apart', async () => {
  const auth = client()
  const { user, session } = ok(await auth.signInAnonymously({ options: { data: { cart: 3 } } }))
  assert.equal(user.is_anonymous, true)
  assert.equal(claims(session.access_token).is_anonymous, true)
  assert.equal(claims(session.access_token).amr[0].method, 'anonymous')
  assert.equal(ok(await auth.getUser()).user.user_metadata.cart, 3)
})

test('an admin creates, lists, reads, updates and deletes users', async () => {
  const api = admin(), email = address()
  const { user } = ok(await api.createUser({ email, password: PASSWORD, email_confirm: true, app_metadata: { tenant: 'blue' }, user_metadata: { name: 'Cleo' } }))
  assert.equal(user.app_metadata.tenant, 'blue')
  assert.equal(ok(await api.getUserById(user.id)).user.email, email)
  const list = ok(await api.listUsers({ page: 1, perPage: 2 }))
  assert.equal(list.users.length, 2)
  assert.ok(list.total > 2)
  const { user: changed } = ok(await api.updateUserById(user.id, { app_metadata: { tenant: 'red', plan: null }, ban_duration: '1h' }))
  assert.equal(changed.app_metadata.tenant, 'red')
  assert.ok(new Date(changed.banned_until) > new Date())
  assert.equal((await client().signInWithPassword({ email, password: PASSWORD })).error.code, 'user_banned')
  ok(await api.updateUserById(user.id, { ban_duration: 'none' }))
  ok(await client().signInWithPassword({ email, password: PASSWORD }))
  ok(await api.deleteUser(user.id))
  assert.equal((await api.getUserById(user.id)).error.code, 'user_not_found')
  assert.equal((await client().signInWithPassword({ email, password: PASSWORD })).error.code, 'invalid_credentials')
})

test('a soft-deleted user is kept without what identifies it', async () => {
  const { user, email } = await signedUp()
  ok(await admin().deleteUser(user.id, true))
  const [row] = await server.database.sql(`select deleted_at is not null, email like '%${email}%' from auth.users where id = '${user.id}'`)
  assert.deepEqual(row, ['t', 'f'])
})

test('the admin interface is closed to users and to anon', async () => {
  const { session } = await signedUp()
  for (const [bearer, status, code] of [[session.access_token, 403, 'not_admin'], [sign({ role: 'anon' }), 403, 'not_admin'], [undefined, 401, 'no_authorization']]) {
    const answer = await server.call('GET', '/admin/users', { bearer })
    assert.deepEqual([answer.status, answer.body.error_code], [status, code])
  }
})

test('an admin signs a user out by its token', async () => {
  const { session, auth } = await signedUp()
  assert.equal((await admin().signOut(session.access_token, 'global')).error, null)
  assert.equal((await auth.getUser()).error.name, 'AuthSessionMissingError')
})

for (const [alg, make] of [
  ['ES256', () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['RS256', () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['EdDSA', () => crypto.generateKeyPairSync('ed25519')],
]) {
  test(`tokens signed with ${alg} are verified from the published keys`, async () => {
    const key = { ...make().privateKey.export({ format: 'jwk' }), alg, kid: `key-${alg}`, use: 'sig', key_ops: ['sign', 'verify'] }
    const other = await serve({ GOTRUE_JWT_KEYS: JSON.stringify([key]) }, { database: server.database })
    try {
      const auth = new AuthClient({ url: other.base, autoRefreshToken: false, persistSession: false })
      const { session } = ok(await auth.signUp({ email: address(), password: PASSWORD }))
      const published = (await other.call('GET', '/.well-known/jwks.json')).body.keys
      assert.equal(published.length, 1)
      assert.equal(published[0].d, undefined)
      const [head, payload, signature] = session.access_token.split('.')
      assert.deepEqual(JSON.parse(Buffer.from(head, 'base64url')), { alg, kid: `key-${alg}`, typ: 'JWT' })
      const publicKey = crypto.createPublicKey({ key: published[0], format: 'jwk' })
      const digest = alg === 'EdDSA' ? null : 'sha256'
      assert.ok(crypto.verify(digest, Buffer.from(`${head}.${payload}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')))
      if (alg !== 'EdDSA') assert.equal(ok(await auth.getClaims()).claims.sub, session.user.id)
      ok(await auth.getUser())
    } finally { await other.stop() }
  })
}
