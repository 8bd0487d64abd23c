// What a web server hands on, and what comes back: headers, methods, bodies, paths, slow and lasting connections, prefixes (issue: web servers).
import test, { after, before, describe } from 'node:test'
import assert from 'node:assert/strict'
import net from 'node:net'
import { bodyOf, raw, serve, servers, statusOf, token, wait } from './lib/serve.mjs'

const lines = (...all) => all.join('\r\n') + '\r\n\r\n'
const MEGABYTE = 1048576

for (const server of servers) describe(server, { concurrency: false }, () => {
  let site
  before(async () => { site = await serve({ server }) })
  after(() => site?.stop())

  test('Authorization arrives', async () => {
    const without = await site.ask('GET', '/user'), wrong = await site.ask('GET', '/user', { headers: { authorization: 'Bearer no.such.token' } })
    assert.equal(without.json().error_code, 'no_authorization')
    assert.equal(wrong.json().error_code, 'bad_jwt')
    assert.notEqual((await site.ask('GET', '/admin/users', { headers: { authorization: `Bearer ${token()}` } })).json().error_code, 'no_authorization')
  })

  test('a token of 14 kB arrives in the header', async () => {
    const answer = await site.ask('GET', '/user', { headers: { authorization: `Bearer ${token({ filler: 'x'.repeat(10000) })}x` } })
    assert.equal(answer.json().error_code, 'bad_jwt')
  })

  test('a HEAD request has no body and does not run the GET handler', async () => {
    const answer = await raw(site.port, lines('HEAD /health HTTP/1.1', 'Host: x', 'Connection: close'))
    assert.equal(statusOf(answer), 405)
    assert.equal(bodyOf(answer), '')
  })

  test('OPTIONS: a preflight is answered, any other goes to the table of routes', async () => {
    const preflight = await site.ask('OPTIONS', '/token', { headers: { origin: 'http://app', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' } })
    assert.equal(preflight.status, 204)
    assert.equal(preflight.text, '')
    assert.equal(preflight.headers.get('access-control-allow-methods'), 'POST')
    assert.equal((await site.ask('OPTIONS', '/token')).status, 405)
  })

  test('PUT, PATCH and DELETE with a body arrive', async () => {
    assert.equal((await site.ask('PUT', '/user', { body: '{}' })).json().error_code, 'no_authorization')
    for (const method of ['PUT', 'PATCH', 'DELETE']) assert.equal((await site.ask(method, '/token', { body: '{}' })).status, 405)
  })

  test('an unknown method is refused by one or the other', async () => {
    assert.ok([405, 501].includes(statusOf(await raw(site.port, lines('BREW /health HTTP/1.1', 'Host: x', 'Connection: close')))))
  })

  test('unknown paths get 404 from the program', async () => {
    for (const path of ['/nothing', '/health/more', '/a/b/c?x=1', '/index.html', '/latchkey.fcgi', '/env']) {
      const answer = await site.ask('GET', path)
      assert.equal(answer.status, 404, path)
      assert.equal(answer.text, '404 page not found\n', path)
    }
  })

  test('%2F is no slash, and an escaped letter is no plain one', async () => {
    for (const path of ['/health%2F', '/admin%2Fusers', '/%68ealth', '/factors%2fx%2fverify']) {
      const answer = await raw(site.port, lines(`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close'))
      assert.equal(statusOf(answer), 404, path)
      assert.match(answer, /404 page not found/, path)
    }
  })

  test('dot segments and double slashes are not resolved', async () => {
    for (const path of ['/x/../health', '/./health', '/x/%2e%2e/health', '//health', '/health/.', '/health//']) {
      const answer = await raw(site.port, lines(`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close'))
      assert.equal(statusOf(answer), 404, path)
    }
  })

  test('a malformed escape gets 400', async () => {
    assert.equal(statusOf(await raw(site.port, lines('GET /health%zz HTTP/1.1', 'Host: x', 'Connection: close'))), 400)
  })

  test('the query string arrives as it is', async () => {
    assert.equal((await site.ask('POST', '/token?grant_type=none&x=%2F%3F+a;b', { body: '{}' })).json().msg, 'unsupported_grant_type')
    assert.equal((await site.ask('POST', '/token?grant_type=%70assword', { body: 'x' })).json().error_code, 'bad_json')
  })

  test('an empty body', async () => {
    const answer = await site.ask('POST', '/token?grant_type=password')
    assert.equal(answer.status, 400)
    assert.equal(answer.json().error_code, 'bad_json')
  })

  test('a chunked body', async () => {
    const body = (text) => new ReadableStream({ async start(out) { for (const piece of text) { out.enqueue(Buffer.from(piece)); await wait(5) } out.close() } })
    assert.equal((await site.ask('POST', '/token?grant_type=refresh_token', { body: body(['{"refresh_', 'token":', '""}']), headers: { 'content-type': 'application/json' } })).status, 400)
    assert.equal((await site.ask('POST', '/token?grant_type=refresh_token', { body: body(['{"refresh_', 'token"']), headers: { 'content-type': 'application/json' } })).json().error_code, 'bad_json')
  })

  test('a body of exactly 1 MB is read, one byte more gets 413 from the program', async () => {
    const text = (size) => JSON.stringify({ refresh_token: '' }).padEnd(size, ' ')
    assert.equal((await site.ask('POST', '/token?grant_type=refresh_token', { body: text(MEGABYTE) })).status, 400)
    for (const size of [MEGABYTE + 1, 9 * MEGABYTE]) {
      const answer = await site.ask('POST', '/token?grant_type=refresh_token', { body: text(size) })
      assert.equal(answer.status, 413, String(size))
      assert.equal(answer.json().error_code, 'request_entity_too_large')
    }
  })

  test('a large body for a path that does not read it is of no account', async () => {
    assert.equal((await site.ask('POST', '/nothing', { body: 'x'.repeat(3 * MEGABYTE) })).status, 404)
  })

  test('a URL-encoded form of 9 MB is read', async () => {
    const body = 'x='.padEnd(9 * MEGABYTE, 'y') + '&grant_type=nonsense'
    assert.equal((await site.ask('POST', '/token', { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })).json().msg, 'unsupported_grant_type')
  })

  test('a range is not heeded', async () => {
    const answer = await site.ask('GET', '/health', { headers: { range: 'bytes=0-3', 'if-none-match': '*', 'accept-encoding': 'gzip' } })
    assert.equal(answer.status, 200)
    assert.equal(answer.json().name, 'GoTrue')
  })

  test('answers have Content-Length, and 204 has neither body nor type', async () => {
    assert.ok(Number((await site.ask('GET', '/health')).headers.get('content-length')) > 0)
    const empty = await site.ask('OPTIONS', '/token', { headers: { 'access-control-request-method': 'POST' } })
    assert.equal(empty.headers.get('content-type'), null)
  })

  test('one connection serves many requests, each of the others too', async () => {
    const one = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n', last = lines('GET /health HTTP/1.1', 'Host: x', 'Connection: close')
    const answer = await raw(site.port, one.repeat(20), last)
    assert.equal(answer.split('"name":"GoTrue"').length - 1, 21)
  })

  test('a client that sends slowly holds up nobody', { timeout: 15000 }, async () => {
    let goOn
    const others = new Promise((done) => { goOn = done }), head = 'POST /token?grant_type=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
    const slow = Array.from({ length: 12 }, () => raw(site.port, head, 100, 'Content-Length: 4\r\n\r\n', 100, '{}', others, '  '))
    await wait(300)
    for (let i = 0; i < 30; i++) assert.equal((await site.ask('GET', '/health')).status, 200)
    goOn()
    for (const answer of await Promise.all(slow)) assert.match(answer, /unsupported_grant_type/)
  })

  test('a client that goes away in mid-body is forgotten', async () => {
    for (let i = 0; i < 20; i++) {
      const socket = net.connect(site.port, '127.0.0.1', () => { socket.write('POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{"a":'); setTimeout(() => socket.destroy(), 5) })
      await new Promise((done) => socket.on('close', done))
    }
    assert.equal((await site.ask('GET', '/health')).status, 200)
  })

  test('a client that reads slowly gets all of its answer', async () => {
    assert.match(await raw(site.port, 'GET /settings HTTP/1.1\r\n', 50, 'Host: x\r\nConnection: close\r\n', 50, '\r\n'), /"external"/)
  })
})

for (const server of servers) describe(`${server} under /auth/v1`, { concurrency: false }, () => {
  let site
  before(async () => { site = await serve({ server, prefix: '/auth/v1' }) })
  after(() => site?.stop())

  test('the program finds its paths behind the prefix', async () => {
    assert.equal((await site.ask('GET', '/health')).json().name, 'GoTrue')
    assert.equal((await site.ask('GET', '/user', { headers: { authorization: 'Bearer x' } })).json().error_code, 'bad_jwt')
    assert.equal((await site.ask('GET', '/nothing')).text, '404 page not found\n')
    assert.equal((await site.ask('GET', '/auth/v1/health')).status, 404)
  })

  test('escapes and dots behind the prefix', async () => {
    for (const path of ['/health%2F', '/%68ealth', '/x/../health', '//health', '/health/', '/auth%2Fv1']) assert.equal(statusOf(await raw(site.port, lines(`GET /auth/v1${path} HTTP/1.1`, 'Host: x', 'Connection: close'))), 404, path)
  })

  test('other paths of the site are not the program\'s', async () => {
    for (const path of ['/health', '/auth/health', '/auth/v2/health', '/']) assert.notEqual((await fetch(`http://127.0.0.1:${site.port}${path}`)).status, 200, path)
  })

  test('no file of the program or its settings is shown', async () => {
    for (const path of ['', '/', '/latchkey.fcgi', '/../env', '/env', '/../latchkey.fcgi']) {
      const answer = await raw(site.port, lines(`GET /auth/v1${path} HTTP/1.1`, 'Host: x', 'Connection: close'))
      assert.equal(statusOf(answer), 404, path)
    }
  })
})
