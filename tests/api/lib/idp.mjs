// An identity provider of the samlify library for one server under test, and the tools to forge with what it signs.
import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import samlify from 'samlify'
import * as schema from '@authenio/samlify-xmllint-wasm'

samlify.setSchemaValidator(schema)
const { Constants, IdentityProvider, ServiceProvider, SamlLib } = samlify
export const NS = { saml: 'urn:oasis:names:tc:SAML:2.0:assertion', samlp: 'urn:oasis:names:tc:SAML:2.0:protocol', ds: 'http://www.w3.org/2000/09/xmldsig#' }
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'

// A key with its certificate, as PEM; more: further arguments of openssl req.
export function keyPair(bits = 2048, ...more) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-idp-'))
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', `rsa:${bits}`, '-nodes', '-days', '2', '-subj', '/CN=idp.example.com', '-keyout', join(folder, 'key'), '-out', join(folder, 'cert'), ...more], { stdio: 'ignore' })
    return { key: readFileSync(join(folder, 'key'), 'utf8'), cert: readFileSync(join(folder, 'cert'), 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
export const spKey = () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs1', format: 'der' }, publicKeyEncoding: { type: 'spki', format: 'der' } }).privateKey.toString('base64')
export const bare = (pem) => pem.replace(/-----[^-]+-----|\s/g, '')

const attributes = [{ name: 'email', valueTag: 'email', nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic', valueXsiType: 'xs:string' }]

export class Idp {
  constructor(server, { entity = 'https://idp.example.com/meta', pair = keyPair(), algorithm = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', encrypts = false, messageSigned = false } = {}) {
    Object.assign(this, { server, entity, pair, messageSigned })
    this.entityProvider = IdentityProvider({
      entityID: entity, privateKey: pair.key, signingCert: bare(pair.cert), isAssertionEncrypted: encrypts, wantAuthnRequestsSigned: true, requestSignatureAlgorithm: algorithm,
      dataEncryptionAlgorithm: Constants.algorithms.encryption.data.AES_256, keyEncryptionAlgorithm: Constants.algorithms.encryption.key.RSA_OAEP_MGF1P,
      nameIDFormat: ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
      singleLogoutService: [{ Binding: POST, Location: `${entity}/slo` }],
      singleSignOnService: [{ Binding: REDIRECT, Location: `${entity}/sso` }, { Binding: POST, Location: `${entity}/post` }],
      loginResponseTemplate: { context: SamlLib.defaultLoginResponseTemplate.context, attributes },
    })
  }

  // Registers it at the server, with a domain of its own.
  async register(bearer, more = {}) {
    const answer = await this.server.call('POST', '/admin/sso/providers', { bearer, json: { type: 'saml', metadata_xml: this.entityProvider.getMetadata(), ...more } })
    this.id = answer.body.id
    this.sp = ServiceProvider({ metadata: (await this.server.call('GET', '/sso/saml/metadata')).raw, wantMessageSigned: this.messageSigned })
    return answer
  }

  // Starts at the server; the request as this library reads it, its signature and its schema checked.
  async start(json) {
    const answer = await this.server.call('POST', '/sso', { json })
    const url = new URL(answer.headers.get('location')), query = Object.fromEntries(url.searchParams)
    const flow = await this.entityProvider.parseLoginRequest(this.sp, 'redirect', { query, octetString: url.search.slice(1).split('&Signature=')[0] })
    return { ...flow, relay_state: query.RelayState, id: flow.extract.request.id }
  }

  // The XML of a response, encrypted before the message is signed; edits change the tags of the template before it is signed.
  async respond({ user = 'user-1', email = 'ann@example.com', request, edits = {} } = {}) {
    const acs = this.sp.entityMeta.getAssertionConsumerService('post'), now = Date.now(), time = (seconds) => new Date(now + seconds * 1000).toISOString()
    const id = `_${crypto.randomUUID()}`
    const values = {
      ID: id, AssertionID: `_${crypto.randomUUID()}`, Destination: acs, Audience: this.sp.entityMeta.getEntityID(), EntityID: this.sp.entityMeta.getEntityID(), SubjectRecipient: acs, AssertionConsumerServiceURL: acs,
      Issuer: this.entity, IssueInstant: time(0), StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success', ConditionsNotBefore: time(-5), ConditionsNotOnOrAfter: time(300),
      SubjectConfirmationDataNotOnOrAfter: time(300), NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', NameID: user, InResponseTo: request?.id ?? '', AuthnStatement: '', attrEmail: email, ...edits,
    }
    const made = await this.entityProvider.createLoginResponse(this.sp, request ?? {}, 'post', {}, (template) => ({ id, context: SamlLib.replaceTagsByValue(template, values) }), true)
    return Buffer.from(made.context, 'base64').toString('utf8')
  }

  post(xml, { relay_state, query = '' } = {}) { return post(this.server, xml, { relay_state, query }) }
}

// What became of it: { tokens }, { refused: error_description, code, error }, or the body of what is no redirect.
export async function post(server, xml, { relay_state, query = '' } = {}) {
  const form = new URLSearchParams({ SAMLResponse: typeof xml === 'string' ? Buffer.from(xml).toString('base64') : xml.toString('base64') })
  if (relay_state) form.set('RelayState', relay_state)
  const answer = await server.call('POST', `/sso/saml/acs${query}`, { text: form.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  const location = answer.headers.get('location')
  if (!location) return { status: answer.status, body: answer.body }
  const url = new URL(location)
  if (url.searchParams.get('error')) return { status: answer.status, refused: url.searchParams.get('error_description'), code: url.searchParams.get('error_code'), error: url.searchParams.get('error') }
  return { status: answer.status, tokens: Object.fromEntries(new URLSearchParams(url.hash.slice(1))), query: Object.fromEntries(url.searchParams) }
}

// ---- cutting documents up, as an attacker does with texts

// The first element of this name, prefix and all that is in it.
export function element(xml, name) {
  const found = new RegExp(`<((?:\\w+:)?${name})[\\s>]`).exec(xml)
  return cut(xml, found.index, found[1])
}
function cut(xml, start, tag) {
  let depth = 0
  const look = new RegExp(`<(/?)${tag}(?=[\\s>/])[^>]*?(/?)>`, 'g')
  look.lastIndex = start
  for (let found; (found = look.exec(xml));) {
    depth += found[1] ? -1 : found[2] ? 0 : 1
    if (depth === 0) return xml.slice(start, look.lastIndex)
  }
  throw new Error(`no whole ${tag}`)
}
