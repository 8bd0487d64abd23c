// A site behind Apache's mod_auth_openidc, which others wrote, as Debian brings it: who comes is signed in through us.
import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import http from 'node:http'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort, wait } from '../api/lib/server.mjs'
import { provider } from './lib/provider.mjs'

const modules = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules'].find((folder) => existsSync(folder))
const program = ['/usr/sbin/apache2', '/usr/sbin/httpd'].find((file) => existsSync(file))

// Apache with one page that only those signed in see; it answers with what the module says of them.
async function site(idp, port, settings) {
  const folder = mkdtempSync(join(tmpdir(), 'site-')), base = `http://127.0.0.1:${port}`, log = join(folder, 'error.log')
  const loads = ['mpm_event', 'unixd', 'authn_core', 'authz_core', 'authz_user', 'env', 'headers', 'auth_openidc']
    .filter((name) => existsSync(join(modules, `mod_${name}.so`))).map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`)
  assert.ok(loads.some((line) => line.includes('auth_openidc')), 'libapache2-mod-auth-openidc is installed')
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'site/private'), { recursive: true })
  writeFileSync(join(folder, 'site/private/page'), 'what only members see')
  writeFileSync(join(folder, 'apache.conf'), `${loads.join('\n')}
${userInfo().uid === 0 ? `User nobody\nGroup ${execFileSync('id', ['-gn', 'nobody'], { encoding: 'utf8' }).trim()}` : ''}
ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog ${log}
DocumentRoot ${folder}/site
OIDCProviderMetadataURL ${idp.base}/.well-known/openid-configuration
OIDCRedirectURI ${base}/private/back
OIDCCryptoPassphrase only-for-this-test
OIDCScope "openid email profile"
OIDCPKCEMethod S256
OIDCIDTokenSignedResponseAlg ES256
OIDCRemoteUserClaim sub
${settings.filter(Boolean).join('\n')}
<Location /private>
  AuthType openid-connect
  Require valid-user
  Header set X-Remote-User "expr=%{REMOTE_USER}"
  Header set X-Email "%{OIDC_CLAIM_email}e"
  Header set X-Name "%{OIDC_CLAIM_name}e"
</Location>
`)
  const out = openSync(log, 'a'), child = spawn(program, ['-DFOREGROUND', '-f', join(folder, 'apache.conf')], { stdio: ['ignore', out, out] })
  const ended = new Promise((done) => child.on('exit', done))
  const stop = () => { child.kill('SIGTERM'); return ended }
  for (const until = Date.now() + 10000; Date.now() < until; await wait(20)) {
    assert.equal(child.exitCode, null, readFileSync(log, 'utf8'))
    try { if ((await fetch(base)).status) return { stop, log: () => readFileSync(log, 'utf8') } } catch {}
  }
  await stop()
  throw new Error(readFileSync(log, 'utf8'))
}

// A browser that goes from page to page on one site, with its cookies. (To what fetch sends the module answers 401: that is no page.)
function browser() {
  const jar = new Map()
  return (url) => new Promise((done, failed) => {
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
    http.get(url, { headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate', ...(cookie && { cookie }) } }, async (answer) => {
      for (const line of answer.headers['set-cookie'] ?? []) {
        const [name, value] = line.split(';')[0].split(/=(.*)/)
        if (value) jar.set(name, value)
        else jar.delete(name)
      }
      const text = (await answer.toArray()).join('')
      done({ status: answer.statusCode, headers: answer.headers, location: answer.headers.location, text })
    }).on('error', failed)
  })
}

let idp, ann
before(async () => {
  idp = await provider()
  ann = await idp.person()
})
after(() => idp?.stop())

// Where the consent page sends the browser back to.
async function decided(url, action) {
  const page = new URL((await fetch(url, { redirect: 'manual' })).headers.get('location')), id = page.searchParams.get('authorization_id')
  const opened = await idp.open(id, ann)
  assert.equal(opened.status, 200, opened.raw)
  return opened.body.redirect_url ?? (await idp.consent(id, ann, action)).body.redirect_url
}

for (const method of ['client_secret_basic', 'client_secret_post', 'none']) test(`a page for members, the site proving itself with ${method}`, async () => {
  const port = await freePort(), base = `http://127.0.0.1:${port}`, made = await idp.register({ redirect_uris: [`${base}/private/back`], token_endpoint_auth_method: method })
  const apache = await site(idp, port, [`OIDCClientID ${made.id}`, made.secret && `OIDCClientSecret ${made.secret}`, `OIDCProviderTokenEndpointAuth ${method}`])
  try {
    const visit = browser(), asked = await visit(`${base}/private/page`)
    assert.equal(asked.status, 302, apache.log())
    assert.ok(asked.location.startsWith(`${idp.base}/oauth/authorize?`), asked.location)
    const back = await decided(asked.location), returned = await visit(back)
    assert.deepEqual([returned.status, returned.location], [302, `${base}/private/page`], apache.log())
    const page = await visit(`${base}/private/page`)
    assert.deepEqual([page.status, page.text], [200, 'what only members see'])
    assert.deepEqual(['x-remote-user', 'x-email', 'x-name'].map((name) => page.headers[name]), [ann.id, ann.email, 'Ann Example'])
    assert.notEqual((await browser()(back)).status, 302, 'in another browser the answer is of no use')
    assert.equal((await browser()(`${base}/private/page`)).status, 302, 'nobody else is in')
  } finally { await apache.stop() }
})

test('who says no stays outside', async () => {
  const port = await freePort(), base = `http://127.0.0.1:${port}`, made = await idp.register({ redirect_uris: [`${base}/private/back`] })
  const apache = await site(idp, port, [`OIDCClientID ${made.id}`, `OIDCClientSecret ${made.secret}`])
  try {
    const visit = browser(), asked = await visit(`${base}/private/page`)
    const target = new URL(asked.location)
    target.searchParams.set('scope', 'openid email profile phone') // more than was granted before: the user is asked
    const returned = await visit(await decided(target, 'deny'))
    assert.notEqual(returned.status, 302)
    assert.match(returned.text, /access_denied/)
    assert.equal((await visit(`${base}/private/page`)).status, 302)
  } finally { await apache.stop() }
})
