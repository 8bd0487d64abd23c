// An app that uses @supabase/supabase-js, unchanged: the server is mounted under /auth/v1.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { createClient } from '@supabase/supabase-js'
import { serve, sign } from './lib/server.mjs'

let server
before(async () => { server = await serve({ GOTRUE_CORS_ALLOWED_HEADERS: 'apikey' }, { prefix: '/auth/v1' }) })
after(() => server?.stop())

const PASSWORD = 'correct horse battery 9'
const connect = (role = 'anon', options = {}) => createClient(`http://127.0.0.1:${server.port}`, sign({ role }), { auth: { autoRefreshToken: false, persistSession: false, ...options } })

test('sign-up, sign-in, refresh, user, sign-out', async () => {
  const supabase = connect(), seen = []
  const { data: { subscription } } = supabase.auth.onAuthStateChange((event) => { seen.push(event) })
  const up = await supabase.auth.signUp({ email: 'supabase@example.com', password: PASSWORD })
  assert.equal(up.error, null)
  const signedIn = await supabase.auth.signInWithPassword({ email: 'supabase@example.com', password: PASSWORD })
  assert.equal(signedIn.data.user.email, 'supabase@example.com')
  const fresh = await supabase.auth.refreshSession()
  assert.notEqual(fresh.data.session.refresh_token, signedIn.data.session.refresh_token)
  assert.equal((await supabase.auth.getUser()).data.user.id, signedIn.data.user.id)
  assert.equal((await supabase.auth.updateUser({ data: { theme: 'dark' } })).data.user.user_metadata.theme, 'dark')
  assert.equal((await supabase.auth.signOut()).error, null)
  assert.equal((await supabase.auth.getSession()).data.session, null)
  subscription.unsubscribe()
  for (const event of ['SIGNED_IN', 'TOKEN_REFRESHED', 'USER_UPDATED', 'SIGNED_OUT']) assert.ok(seen.includes(event), event)
})

test('the service key opens the admin interface', async () => {
  const { data, error } = await connect('service_role').auth.admin.createUser({ email: 'made@example.com', password: PASSWORD, email_confirm: true })
  assert.equal(error, null)
  assert.equal(data.user.email, 'made@example.com')
})

test('errors arrive with their code', async () => {
  const { error } = await connect().auth.signInWithPassword({ email: 'nobody@example.com', password: PASSWORD })
  assert.equal(error.name, 'AuthApiError')
  assert.equal(error.code, 'invalid_credentials')
})

test('a browser on another origin may call', async () => {
  const asked = 'apikey,authorization,content-type,x-client-info,x-supabase-api-version'
  const preflight = await server.call('OPTIONS', '/token?grant_type=password', { headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'POST', 'access-control-request-headers': asked } })
  assert.equal(preflight.status, 204)
  assert.equal(preflight.headers.get('access-control-allow-headers'), asked)
  const answer = await server.call('GET', '/settings', { headers: { origin: 'http://localhost:3000' } })
  assert.equal(answer.headers.get('access-control-allow-origin'), '*')
})

test('paths outside the prefix are not served as inside', async () => {
  const answer = await fetch(`http://127.0.0.1:${server.port}/auth/v2/health`)
  assert.equal(answer.status, 404)
})
