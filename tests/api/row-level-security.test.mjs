// Policies of an application's own tables, read with the tokens issued here: what PostgREST does with a request's token, done by hand.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { AuthClient, AuthAdminApi } from '@supabase/auth-js'
import { serve, sign, claims, SECRET } from './lib/server.mjs'

let server, admin
const PASSWORD = 'correct horse battery 9'
before(async () => {
  server = await serve()
  admin = new AuthAdminApi({ url: server.base, headers: { Authorization: `Bearer ${sign({ role: 'service_role' })}` } })
  await server.database.sql(`
    create table public.notes (id int generated always as identity, owner uuid not null, body text not null);
    create table public.invoices (id int generated always as identity, tenant text not null, amount int not null);
    alter table public.notes enable row level security;
    alter table public.invoices enable row level security;
    grant usage on schema public to authenticated, anon;
    grant select, insert on public.notes, public.invoices to authenticated, anon;
    create policy own on public.notes to authenticated using (owner = auth.uid()) with check (owner = auth.uid() and coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) = false);
    create policy tenant on public.invoices to authenticated using (tenant = auth.jwt() -> 'app_metadata' ->> 'tenant');
    insert into public.invoices (tenant, amount) values ('blue', 10), ('blue', 20), ('red', 500);`)
})
after(() => server?.stop())

// The statement as the role and with the claims of a token whose signature is right.
async function as(token, statement) {
  const [head, payload, signature] = token.split('.')
  assert.equal(crypto.createHmac('sha256', SECRET).update(`${head}.${payload}`).digest('base64url'), signature)
  const told = JSON.stringify(claims(token)).replaceAll("'", "''")
  return server.database.sql(`begin; set local search_path = public; set local role ${claims(token).role}; set local request.jwt.claims = '${told}'; ${statement}; commit`)
}

const auth = () => new AuthClient({ url: server.base, autoRefreshToken: false, persistSession: false })
async function member(email, app_metadata = {}) {
  const made = await admin.createUser({ email, password: PASSWORD, email_confirm: true, app_metadata })
  assert.equal(made.error, null)
  const client = auth()
  const { data, error } = await client.signInWithPassword({ email, password: PASSWORD })
  assert.equal(error, null)
  return { client, user: data.user, token: data.session.access_token }
}

test('a user sees and writes only own rows', async () => {
  const ann = await member('ann@example.com'), ben = await member('ben@example.com')
  await as(ann.token, `insert into notes (owner, body) values (auth.uid(), 'from ann')`)
  await as(ben.token, `insert into notes (owner, body) values (auth.uid(), 'from ben')`)
  assert.deepEqual(await as(ann.token, 'select body from notes'), [['from ann']])
  assert.deepEqual(await as(ben.token, 'select body from notes'), [['from ben']])
  await assert.rejects(as(ann.token, `insert into notes (owner, body) values ('${ben.user.id}', 'forged')`), /row-level security/)
})

test('auth.uid, auth.role, auth.email and auth.jwt read the token', async () => {
  const cleo = await member('cleo@example.com')
  assert.deepEqual(await as(cleo.token, `select auth.uid(), auth.role(), auth.email(), auth.jwt() ->> 'session_id'`), [[cleo.user.id, 'authenticated', 'cleo@example.com', claims(cleo.token).session_id]])
})

test('tenants are kept apart by app_metadata, and a user cannot change tenant', async () => {
  const blue = await member('blue@example.com', { tenant: 'blue' }), red = await member('red@example.com', { tenant: 'red' })
  assert.deepEqual(await as(blue.token, 'select sum(amount) from invoices'), [['30']])
  assert.deepEqual(await as(red.token, 'select sum(amount) from invoices'), [['500']])
  const { error } = await blue.client.updateUser({ data: { tenant: 'red', app_metadata: { tenant: 'red' } } })
  assert.equal(error, null)
  const forged = await server.call('PUT', '/user', { bearer: blue.token, json: { app_metadata: { tenant: 'red' } } })
  assert.equal(forged.status, 403)
  const token = (await blue.client.refreshSession()).data.session.access_token
  assert.equal(claims(token).app_metadata.tenant, 'blue')
  assert.deepEqual(await as(token, 'select sum(amount) from invoices'), [['30']])
})

test('a tenant changed by an admin counts from the next refresh', async () => {
  const mover = await member('mover@example.com', { tenant: 'blue' })
  assert.equal((await admin.updateUserById(mover.user.id, { app_metadata: { tenant: 'red' } })).error, null)
  assert.deepEqual(await as(mover.token, 'select count(*) from invoices'), [['2']])
  const token = (await mover.client.refreshSession()).data.session.access_token
  assert.deepEqual(await as(token, 'select count(*) from invoices'), [['1']])
})

test('a policy tells anonymous users apart', async () => {
  const { data } = await auth().signInAnonymously()
  await assert.rejects(as(data.session.access_token, `insert into notes (owner, body) values (auth.uid(), 'anonymous')`), /row-level security/)
})

test('nobody but the owner reads the auth tables', async () => {
  const eve = await member('eve@example.com')
  await assert.rejects(as(eve.token, 'select count(*) from auth.users'), /permission denied/)
})
