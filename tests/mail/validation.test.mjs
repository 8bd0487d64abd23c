// The service that judges addresses (contract 06 section 10.1): what counts as its no.
import test from 'node:test'
import assert from 'node:assert/strict'
import http from 'node:http'
import { start } from './lib/bench.mjs'

const answers = [
  ['{"valid":false}', 200, false],
  ['{"Valid":false}', 200, false],
  ['{"valid":false} and more', 200, false],
  ['{"valid":false}', 202, false],
  ['{"valid":true}', 200, true],
  ['{"valid":false}', 500, true],
  ['{"valid":false}', 301, true],
  ['{"valid":false,"reason":"beyond the first 32 bytes"}', 200, true],
  ['{"valid":"false"}', 200, true],
  ['{"valid":null}', 200, true],
  ['{"valid":fal', 200, true],
  ['{}', 200, true],
  ['[]', 200, true],
  ['null', 200, true],
  ['', 200, true],
]

test('only a readable no refuses an address', async (t) => {
  let answer
  const asked = []
  const service = http.createServer((request, response) => {
    let body = ''
    request.on('data', (piece) => { body += piece }).on('end', () => {
      asked.push([request.method, request.headers['content-type'], request.headers['x-key'], body])
      response.writeHead(answer[1]).end(answer[0])
    })
  })
  await new Promise((ready) => service.listen(0, '127.0.0.1', ready))
  const server = await start({
    GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_URL: `http://127.0.0.1:${service.address().port}/`, GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_HEADERS: '{"X-Key":["first","last"]}',
  })
  t.after(async () => { await server.stop(); service.closeAllConnections(); service.close() })
  for (const [at, one] of answers.entries()) {
    answer = one
    const { status, body } = await server.invite(`a${at}@example.net`)
    assert.deepEqual([status, body.error_code, body.msg], one[2] ? [200, undefined, undefined] : [400, 'email_address_invalid', `Email address "a${at}@example.net" is invalid`], one.join(' '))
    assert.deepEqual(asked.splice(0), [['POST', 'application/json', 'last', `{"email":"a${at}@example.net"}`]])
  }
})
