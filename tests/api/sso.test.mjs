// Single sign-on against an identity provider of another house (samlify), and the attacks that have to fail.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import crypto from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { freePort, serve, sign, claims } from './lib/server.mjs'
import { Upstream } from '../conform/lib/upstream.mjs'
import { Idp, NS, bare, element, keyPair, post, spKey } from './lib/idp.mjs'

const admin = sign({ role: 'service_role' }), pair = keyPair(), SP = spKey()
const VARS = { GOTRUE_SAML_ENABLED: 'true', GOTRUE_SAML_PRIVATE_KEY: SP, GOTRUE_RATE_LIMIT_SSO: '10000', GOTRUE_SAML_RATE_LIMIT_ASSERTION: '10000', GOTRUE_RATE_LIMIT_HEADER: 'X-Never-Sent' }
let server, strict, idp, stranger, asked = []
const listener = http.createServer((req, res) => { asked.push(req.url); res.end('x') })

before(async () => {
  server = await serve(VARS)
  strict = await serve({ ...VARS, LATCHKEY_SAML_MODERN_ONLY: 'on' }, { database: server.database })
  await new Promise((ready) => listener.listen(0, '127.0.0.1', ready))
  idp = new Idp(server, { pair })
  const { status, raw } = await idp.register(admin, { domains: ['example.com'] })
  assert.equal(status, 201, raw)
  stranger = keyPair()
})
after(async () => { listener.close(); await server?.stop(); await strict?.stop() })

const NOT_VALID = 'SAML Assertion is not valid '
let number = 0
const somebody = () => `user-${++number}`
async function refused(xml, options) {
  const { refused: why, tokens } = await idp.post(xml, options)
  assert.equal(tokens, undefined, 'somebody was signed in')
  assert.ok([NOT_VALID, 'SAMLResponse is not a valid XML SAML assertion'].includes(why), why)
}
// Nobody called evil has got in, whatever the answer was.
async function nobodyEvil(xml) {
  await idp.post(xml)
  assert.equal(await server.database.value("select count(*) from auth.identities where provider_id like 'evil%' or email like 'evil%'"), '0')
}

// ---- another house's identity provider

test('a login that starts here: the request is signed and fits the schema, the answer signs in', async () => {
  const user = somebody(), flow = await idp.start({ domain: 'example.com', redirect_to: 'http://localhost:3000/x' })
  assert.equal(flow.extract.issuer, idp.sp.entityMeta.getEntityID())
  const { tokens } = await idp.post(await idp.respond({ user, email: 'one@example.com', request: flow }), { relay_state: flow.relay_state })
  assert.equal(claims(tokens.access_token).email, 'one@example.com')
  assert.equal(claims(tokens.access_token).amr[0].provider, idp.id)
})

test('a login that starts there', async () => {
  const { tokens } = await idp.post(await idp.respond({ user: somebody() }))
  assert.ok(tokens.refresh_token)
})

test('signed messages and encrypted assertions of another house', async () => {
  const open = await serve({ ...VARS, GOTRUE_SAML_ALLOW_ENCRYPTED_ASSERTIONS: 'true' }, { database: server.database })
  try {
    for (const [name, options] of Object.entries({ encrypted: { encrypts: true }, message: { messageSigned: true }, both: { encrypts: true, messageSigned: true } })) {
      const other = new Idp(open, { pair, entity: `https://${name}.example/meta`, ...options })
      await other.register(admin)
      const xml = await other.respond({ user: somebody(), email: `${name}@example.com` })
      assert.equal(/EncryptedAssertion/.test(xml), !!options.encrypts)
      const { tokens, refused: why } = await other.post(xml)
      assert.ok(tokens, `${name}: ${why}`)
      assert.equal(claims(tokens.access_token).email, `${name}@example.com`)
    }
  } finally {
    await open.stop()
  }
})

// ---- replay

test('a response signs in once, and not at another worker either, nor after a restart', async () => {
  const xml = await idp.respond({ user: somebody() })
  const answers = await Promise.all(Array.from({ length: 8 }, () => idp.post(xml)))
  assert.equal(answers.filter(({ tokens }) => tokens).length, 1)
  assert.deepEqual([...new Set(answers.filter(({ tokens }) => !tokens).map(({ refused: why }) => why))], [NOT_VALID])
  const again = await serve({ ...VARS, API_EXTERNAL_URL: server.base, GOTRUE_SAML_EXTERNAL_URL: idp.sp.entityMeta.getEntityID().replace(/sso\/saml\/metadata$/, '') }, { database: server.database })
  try {
    assert.equal((await post(again, xml)).refused, NOT_VALID)
    assert.ok((await post(again, await idp.respond({ user: somebody() }))).tokens, 'a fresh one is accepted there')
  } finally {
    await again.stop()
  }
})

test('one relay state, one login', async () => {
  const flow = await idp.start({ domain: 'example.com' }), user = somebody()
  const answers = await Promise.all(Array.from({ length: 6 }, async () => idp.post(await idp.respond({ user, request: flow }), { relay_state: flow.relay_state })))
  assert.equal(answers.filter(({ tokens }) => tokens).length, 1)
  assert.ok(answers.every(({ tokens, code }) => tokens || code === 'saml_relay_state_not_found'))
})

// ---- signature wrapping (Somorovsky et al., "On Breaking SAML", 2012)

const evil = (xml) => xml.replace(/user-\d+/g, 'evil').replace(/[\w.-]+@example\.com/g, 'evil@example.com').replace(/ID="_[^"]*"/, 'ID="_evil"')
const unsigned = (xml) => xml.replace(element(xml, 'Signature'), '')

const wrapped = {
  // the signed response inside its own signature, or beside it
  1: (xml, signature) => evil(xml).replace(element(evil(xml), 'Signature'), signature.replace(/<\/(\w+:)?Signature>$/, (end) => unsigned(xml) + end)),
  2: (xml, signature) => evil(xml).replace(element(evil(xml), 'Signature'), unsigned(xml) + signature),
}
const around = {
  3: (assertion) => evil(unsigned(assertion)) + assertion,
  4: (assertion) => evil(unsigned(assertion)).replace(/<\/(\w+:)?Assertion>$/, (end) => assertion + end),
  5: (assertion) => evil(assertion) + unsigned(assertion),
  6: (assertion) => evil(assertion).replace(/<\/(\w+:)?Signature>/, (end) => unsigned(assertion) + end),
  7: (assertion) => `<samlp:Extensions>${evil(unsigned(assertion))}</samlp:Extensions>${assertion}`,
  8: (assertion) => evil(assertion).replace(/<\/(\w+:)?Signature>/, (end) => `<ds:Object xmlns:ds="${NS.ds}">${unsigned(assertion)}</ds:Object>${end}`),
}

for (const name of ['1', '2'])
  test(`signature wrapping, form ${name}: a signed response`, async () => {
    const other = new Idp(server, { pair, entity: `https://xsw${name}.example/meta`, messageSigned: true })
    await other.register(admin)
    const xml = (await other.respond({ user: somebody() })).replace(/^<\?xml[^>]*\?>/, '')
    await nobodyEvil(wrapped[name](xml, element(xml, 'Signature')))
    assert.ok((await other.post(xml)).tokens, 'the honest one signs in')
  })
for (const name of ['3', '4', '5', '6', '7', '8'])
  test(`signature wrapping, form ${name}: a signed assertion`, async () => {
    const xml = await idp.respond({ user: somebody() }), assertion = element(xml, 'Assertion')
    await nobodyEvil(xml.replace(assertion, around[name](assertion)))
  })

// ---- signatures that prove nothing

test('neither unsigned, changed, nor signed by a stranger', async () => {
  const xml = await idp.respond({ user: 'user-0' })
  await refused(unsigned(xml))
  await refused(xml.replace('user-0', 'user-9'))
  await refused(xml.replace('ann@example.com', 'evil@example.com'))
  const forger = new Idp(server, { pair: stranger })
  forger.sp = idp.sp
  await refused(await forger.respond())
  await refused((await forger.respond()).replace(bare(stranger.cert), bare(pair.cert)))
  await refused((await forger.respond()).replace(element(await forger.respond(), 'KeyInfo'), ''))
})

test('a key from the document or from an address counts for nothing, and nobody is asked', async () => {
  const forger = new Idp(server, { pair: stranger })
  forger.sp = idp.sp
  const url = `http://127.0.0.1:${listener.address().port}/key`
  for (const inside of [
    `<ds:RetrievalMethod xmlns:ds="${NS.ds}" URI="${url}" Type="${NS.ds}X509Data"/>`,
    `<ds:KeyName xmlns:ds="${NS.ds}">${url}</ds:KeyName>`,
    `<ds:KeyValue xmlns:ds="${NS.ds}"><ds:RSAKeyValue><ds:Modulus>${Buffer.from(crypto.createPublicKey(stranger.cert).export({ format: 'jwk' }).n, 'base64url').toString('base64')}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`,
  ]) {
    const xml = await forger.respond()
    await refused(xml.replace(element(xml, 'KeyInfo'), `<ds:KeyInfo xmlns:ds="${NS.ds}">${inside}</ds:KeyInfo>`))
  }
  const xml = await idp.respond()
  await refused(xml.replace(/<(\w+:)?Reference URI="[^"]*"/, (_, prefix = '') => `<${prefix}Reference URI="${url}"`))
  assert.deepEqual(asked, [])
})

test('references that go round in circles, elsewhere, or to more than one place', async () => {
  const xml = await idp.respond({ user: somebody() }), reference = element(xml, 'Reference'), id = /URI="(#[^"]*)"/.exec(reference)[1]
  for (const uri of ['#_nothing', `${id}x`, '#', '#xpointer(/)', `#xpointer(id('${id.slice(1)}'))`, 'urn:x'])
    await refused(xml.replace(reference, reference.replace(`URI="${id}"`, `URI="${uri}"`)))
  await refused(xml.replace(reference, reference + reference))
  await refused(xml.replace(reference, reference.replace(`URI="${id}"`, 'URI="#_loop"')).replace(/<(\w+:)?SignedInfo/, (start) => `${start} Id="_loop" ID="_loop"`))
  const manifest = `<ds:Object xmlns:ds="${NS.ds}"><ds:Manifest Id="m">${reference}</ds:Manifest></ds:Object>`
  await refused(xml.replace(/<\/(\w+:)?Signature>/, (end) => manifest + end))
  for (const transform of ['http://www.w3.org/TR/1999/REC-xslt-19991116', 'http://www.w3.org/TR/1999/REC-xpath-19991116', `${NS.ds}base64`, 'http://www.w3.org/2002/06/xmldsig-filter2'])
    await refused(xml.replace('http://www.w3.org/2001/10/xml-exc-c14n#"/></', `${transform}"/></`))
})

test('SHA-1 and short keys: refused where only modern algorithms are wanted; below 1024 bits always', async () => {
  const sha1 = new Idp(server, { pair, entity: 'https://sha1.example/meta', algorithm: `${NS.ds}rsa-sha1` })
  await sha1.register(admin)
  assert.ok((await sha1.post(await sha1.respond({ user: somebody() }))).tokens)
  const old = new Idp(strict, { pair, entity: 'https://sha1.example/meta', algorithm: `${NS.ds}rsa-sha1` })
  await old.register(admin) // it is there already: both servers have one database
  assert.equal((await old.post(await old.respond({ user: somebody() }))).refused, NOT_VALID)
  for (const [bits, there, here] of [[512, false, false], [1024, true, false], [2048, true, true]]) {
    for (const [where, expected] of [[server, there], [strict, here]]) {
      const weak = new Idp(where, { pair: keyPair(bits), entity: `https://bits-${bits}-${where === strict}.example/meta`, algorithm: `${bits < 1024 ? NS.ds : 'http://www.w3.org/2001/04/xmldsig-more#'}rsa-${bits < 1024 ? 'sha1' : 'sha256'}` })
      await weak.register(admin)
      assert.equal(!!(await weak.post(await weak.respond({ user: somebody() }))).tokens, expected, `${bits} bits`)
    }
  }
})

// ---- for whom, by whom, when

test('for another audience, recipient or destination, by another issuer, at another time', async () => {
  const late = (seconds) => new Date(Date.now() + seconds * 1000).toISOString()
  for (const edits of [
    { Audience: 'https://other.example/meta' }, { SubjectRecipient: 'https://other.example/acs' }, { Destination: 'https://other.example/acs' },
    { ConditionsNotOnOrAfter: late(-200) }, { ConditionsNotBefore: late(200) }, { SubjectConfirmationDataNotOnOrAfter: late(-200) }, { IssueInstant: late(-100) },
    { StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Responder' },
  ])
    await refused(await idp.respond({ user: somebody(), edits }))
  const foreign = new Idp(server, { pair, entity: 'https://idp.example.com/meta' })
  foreign.sp = idp.sp
  const xml = await foreign.respond({ edits: { Issuer: 'https://nobody.example/meta' } })
  assert.equal((await idp.post(xml)).code, 'saml_idp_not_found')
  const flow = await idp.start({ domain: 'example.com' })
  await refused(await idp.respond({ user: somebody(), request: { ...flow, id: 'id-of-another' } }), { relay_state: flow.relay_state })
})

test('a comment within a name splits nothing off', async () => {
  const user = somebody(), xml = await idp.respond({ user: `${user}.evil.example` })
  const { tokens } = await idp.post(xml.replace(`${user}.evil.example`, `${user}<!-- x -->.evil.example`))
  assert.equal(claims(tokens.access_token).user_metadata.sub, `${user}.evil.example`)
})

// ---- documents that are bombs

test('entities, depth, crowds, compression and large certificates do no harm', async () => {
  const xml = await idp.respond({ user: somebody() }), inside = (what) => xml.replace(/(<(\w+:)?Response[^>]*>)/, `$1${what}`)
  const laughs = `<!DOCTYPE r [<!ENTITY a "${'ha'.repeat(100)}">${Array.from({ length: 12 }, (_, i) => `<!ENTITY a${i} "${`&a${i ? i - 1 : ''};`.repeat(10)}">`).join('')}]>`
  const began = Date.now()
  await refused(`${laughs}${inside('&a11;')}`)
  await refused(`<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]>${inside('&e;')}`)
  await refused(inside(`${'<x>'.repeat(300000)}${'</x>'.repeat(300000)}`))
  await refused(inside('<x/>'.repeat(200000)))
  await refused(inside(`<x ${Array.from({ length: 5000 }, (_, i) => `a${i}=""`).join(' ')}/>`))
  await refused(inside(`<x${Array.from({ length: 3000 }, (_, i) => ` xmlns:n${i}="urn:${i}"`).join('')}/>`))
  assert.ok((await idp.post(zlib.deflateRawSync(Buffer.alloc(50_000_000)))).refused)
  assert.ok((await idp.post(zlib.gzipSync(xml))).refused)
  await refused(xml.replace(bare(pair.cert), 'A'.repeat(1 << 20)))
  await refused(xml.replace(/PrefixList="[^"]*"/, `PrefixList="${Array.from({ length: 5000 }, (_, i) => `p${i}`).join(' ')}"`).replace(/(<(\w+:)?Transform Algorithm="http:\/\/www.w3.org\/2001\/10\/xml-exc-c14n#")\/>/, `$1><InclusiveNamespaces xmlns="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${'p '.repeat(5000)}"/></$2Transform>`))
  assert.ok(Date.now() - began < 20000, 'it took too long')
  assert.ok((await idp.post(await idp.respond({ user: somebody() }))).tokens, 'honest people still get in')
})

test('metadata that is a bomb is refused', async () => {
  const good = idp.entityProvider.getMetadata()
  for (const bad of [`<!DOCTYPE x [<!ENTITY a "x">]>${good}`, good.replace('<', `${'<x>'.repeat(1000)}<`), good.replace(bare(pair.cert), 'A'.repeat(1 << 20)).replace('https://idp.example.com/meta', 'https://bomb.example/meta')]) {
    const { status, body } = await server.call('POST', '/admin/sso/providers', { bearer: admin, json: { type: 'saml', metadata_xml: bad } })
    assert.ok([400, 413, 201].includes(status) && (status !== 201 || /bomb/.test(body.saml.entity_id)), `${status}`)
  }
})

test('the operator registers, lists and tests providers', async () => {
  const run = promisify(execFile), folder = mkdtempSync(join(tmpdir(), 'sso-')), file = join(folder, 'metadata.xml')
  const latchkey = (...words) => run(join(process.env.BUILD_DIR, 'latchkey'), ['sso', ...words], { env: { ...process.env, ...server.env } })
  writeFileSync(file, idp.entityProvider.getMetadata().replaceAll('https://idp.example.com/meta', 'https://ctl.example/meta'))
  const { id, domains } = JSON.parse((await latchkey('add', file, 'ctl.example', 'ctl.example.org')).stdout)
  assert.deepEqual(domains.map(({ domain }) => domain), ['ctl.example', 'ctl.example.org'])
  assert.match((await latchkey('list')).stdout, new RegExp(`${id}  on   https://ctl.example/meta  ctl.example ctl.example.org`))
  const { stdout } = await latchkey('test', 'ctl.example')
  assert.match(stdout, /ok    sign-in at https:\/\/ctl.example\/meta\/sso/)
  assert.doesNotMatch(stdout, /WRONG/)
  await assert.rejects(latchkey('add', file), ({ stderr }) => /already exists/.test(stderr))
  await assert.rejects(latchkey('test', 'nobody.example'), ({ code }) => code === 1)
})

test('fresh metadata is kept where the claims fit, and only there', async () => {
  const port = await freePort(), upstream = new Upstream(), ADDRESS = 'https://meta.example.org/saml'
  await upstream.listen(port)
  const fetching = await serve({ ...VARS, HTTPS_PROXY: `http://127.0.0.1:${port}`, SSL_CERT_FILE: upstream.caFile() }, { database: server.database })
  try {
    const other = new Idp(fetching, { pair, entity: 'https://fetched.example/meta' }), metadata = other.entityProvider.getMetadata()
    upstream.set([{ host: 'meta.example.org', path: '/saml', status: 200, text: metadata }])
    const { status, raw } = await other.register(admin, { metadata_xml: undefined, metadata_url: ADDRESS, attribute_mapping: { keys: { email_verified: { name: 'email' } } } })
    assert.equal(status, 201, raw)
    upstream.set([{ host: 'meta.example.org', path: '/saml', status: 200, text: `${metadata}<!-- new -->` }])
    const age = () => server.database.sql(`update auth.saml_providers set updated_at = now() - interval '25 hours' where metadata_url = '${ADDRESS}'`)
    const stored = () => server.database.value(`select metadata_xml like '%new%' from auth.saml_providers where metadata_url = '${ADDRESS}'`)
    await age()
    assert.equal((await other.post(await other.respond({ user: somebody() }))).refused, 'Mapped claims from provider could not be deserialized from JSON')
    assert.deepEqual([upstream.taken().length, await stored()], [1, 'f'])
    await fetching.call('PUT', `/admin/sso/providers/${other.id}`, { bearer: admin, json: { attribute_mapping: { keys: {} } } })
    await age()
    assert.ok((await other.post(await other.respond({ user: somebody() }))).tokens)
    assert.equal(await stored(), 't')
  } finally {
    await fetching.stop()
    await upstream.close()
  }
})

test('what the operator says in the database goes into the redirect, by its status', async () => {
  for (const [sqlstate, error] of [['P0001', 'server_error'], ['PT403', 'access_denied'], ['PT400', 'invalid_request'], ['22000', 'server_error']]) {
    await server.database.sql(`create function public.say() returns trigger language plpgsql as $$ begin raise sqlstate '${sqlstate}' using message = 'not today'; end $$; create trigger say before delete on auth.saml_relay_states for each row execute function public.say()`)
    try {
      const flow = await idp.start({ domain: 'example.com' }), said = await idp.post('<a/>', { relay_state: flow.relay_state })
      assert.deepEqual([said.status, said.error, said.code], [303, error, null], sqlstate)
      assert.equal(said.refused, sqlstate === '22000' ? 'Unexpected failure, please check server logs for more information' : 'not today')
    } finally { await server.database.sql('drop function public.say cascade') }
  }
})

test('a database that is away is no redirect', async () => {
  const xml = await idp.respond({ user: somebody() }), name = server.database.name
  await server.database.sql(`alter database ${name} connection limit 0; select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`)
  try {
    const { status, body } = await idp.post(xml)
    assert.deepEqual([status, body.error_code], [503, 'unexpected_failure'], JSON.stringify(body))
  } finally { await server.database.sql(`alter database ${name} connection limit -1`) }
  for (const until = Date.now() + 10000; (await server.call('GET', '/admin/sso/providers', { bearer: admin })).status !== 200;) assert.ok(Date.now() < until, 'it does not come back')
})

test('nothing personal of a refused response is in the log', async () => {
  await refused((await idp.respond({ user: 'secret-subject', email: 'secret-person@example.com' })).replace('secret-subject', 'secret-other'))
  assert.ok(!/secret-(subject|person|other)/.test(server.log()))
  assert.match(server.log(), /what was signed has been changed/)
})
