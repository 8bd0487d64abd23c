// What the attacks need: a provider that answers what it is told, and tokens signed as they should not be.
import http from 'node:http'
import crypto from 'node:crypto'

// Routes: path to a function of (request, body) that gives { status, type, headers, body }, or to a body.
export async function stub(routes = {}) {
  const asked = []
  let connections = 0
  const server = http.createServer((req, res) => {
    const chunks = []
    req.on('data', (chunk) => chunks.push(chunk))
    req.on('end', async () => {
      const body = Buffer.concat(chunks).toString(), path = req.url.split('?')[0]
      asked.push({ method: req.method, path, body, headers: req.headers })
      const route = routes[path], given = typeof route === 'function' ? await route(req, body) : route
      if (given === undefined) return res.writeHead(404).end()
      if (given === null) return // never answers
      const answer = given.raw ? given : { body: given }
      res.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
      res.end(typeof answer.body === 'string' || Buffer.isBuffer(answer.body) ? answer.body : JSON.stringify(answer.body))
    })
  })
  server.on('connection', () => { connections++ })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return { get connections() { return connections }, url: `http://127.0.0.1:${server.address().port}`, port: server.address().port, routes, asked,
    close: () => new Promise((done) => { server.closeAllConnections(); server.close(done) }) }
}

const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

export function rsaKey(kid) {
  const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { kid, privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }), jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } }
}

export function idToken(key, claims, header = {}) {
  const now = Math.floor(Date.now() / 1000)
  const text = `${part({ alg: 'RS256', typ: 'JWT', ...(key.kid ? { kid: key.kid } : {}), ...header })}.${part({ iat: now, exp: now + 600, ...claims })}`
  return `${text}.${crypto.sign('sha256', Buffer.from(text), key.privateKey).toString('base64url')}`
}

export function hmacToken(secret, claims, header = {}) {
  const now = Math.floor(Date.now() / 1000), text = `${part({ alg: 'HS256', typ: 'JWT', ...header })}.${part({ iat: now, exp: now + 600, ...claims })}`
  return `${text}.${crypto.createHmac('sha256', secret).update(text).digest('base64url')}`
}

export function unsignedToken(claims) {
  const now = Math.floor(Date.now() / 1000)
  return `${part({ alg: 'none' })}.${part({ iat: now, exp: now + 600, ...claims })}.`
}
