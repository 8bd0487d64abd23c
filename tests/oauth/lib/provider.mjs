// An OpenID provider that none of us wrote (oidc-provider), on loopback, at the places where a Keycloak realm has its endpoints. Whoever
// comes is signed in as the account that is set, without a question.
import http from 'node:http'
import crypto from 'node:crypto'
import { Provider } from 'oidc-provider'

export const CLIENT = { client_id: 'latchkey', client_secret: 'a secret & more' }

export function signingKey(alg) {
  const { privateKey } = alg === 'ES256' ? crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }) : crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: crypto.randomUUID() }
}

export async function openProvider({ port, redirectUri, keys, alg = 'RS256' }) {
  const issuer = `http://127.0.0.1:${port}`, place = (name) => `/protocol/openid-connect/${name}`
  const accounts = new Map()
  const provider = new Provider(issuer, {
    clients: [{
      ...CLIENT, redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'], token_endpoint_auth_method: 'client_secret_basic', id_token_signed_response_alg: alg,
    }],
    jwks: { keys },
    routes: { authorization: place('auth'), token: place('token'), userinfo: place('userinfo'), jwks: place('certs') },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => false },
    cookies: { keys: ['only for tests'] },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts.get(id) }) }),
  })
  const asked = []
  let who = 'nobody'
  const serve = provider.callback()
  const server = http.createServer(async (req, res) => {
    asked.push(`${req.method} ${req.url.split('?')[0]}`)
    if (!req.url.startsWith('/interaction/')) return serve(req, res)
    const { params, grantId } = await provider.interactionDetails(req, res)
    const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: who, clientId: params.client_id })
    grant.addOIDCScope(params.scope)
    await provider.interactionFinished(req, res, { login: { accountId: who }, consent: { grantId: await grant.save() } })
  })
  await new Promise((ready) => server.listen(port, '127.0.0.1', ready))
  return {
    issuer, asked,
    signInAs(sub, claims) { who = sub; accounts.set(sub, claims) },
    close: () => new Promise((done) => { server.closeAllConnections(); server.close(done) }),
  }
}

// A browser's way through redirects of the provider, with its cookies, until the next address is not the provider's.
export async function walk(url, issuer) {
  const cookies = new Map()
  for (let hops = 0; hops < 10; hops++) {
    if (!url.startsWith(issuer)) return url
    const answer = await fetch(url, { redirect: 'manual', headers: { connection: 'close', cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } })
    for (const cookie of answer.headers.getSetCookie()) cookies.set(cookie.split(';')[0].split('=')[0], cookie.split(';')[0].slice(cookie.indexOf('=') + 1))
    const location = answer.headers.get('location')
    if (!location) throw new Error(`the provider stopped at ${url}: ${answer.status} ${await answer.text()}`)
    url = new URL(location, url).href
  }
  throw new Error('too many redirects')
}

// Tokens as an app on the phone would come by them: with a code of its own.
export async function tokensOf(provider, redirectUri, nonce) {
  const url = new URL(`${provider.issuer}/protocol/openid-connect/auth`)
  url.search = new URLSearchParams({ client_id: CLIENT.client_id, redirect_uri: redirectUri, response_type: 'code', scope: 'openid email', state: 'x', ...(nonce ? { nonce } : {}) })
  const code = new URL(await walk(url.href, provider.issuer)).searchParams.get('code')
  const answer = await fetch(`${provider.issuer}/protocol/openid-connect/token`, {
    method: 'POST', headers: { connection: 'close', authorization: `Basic ${Buffer.from(`${CLIENT.client_id}:${encodeURIComponent(CLIENT.client_secret)}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri }),
  })
  return answer.json()
}
