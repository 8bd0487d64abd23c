// A hook endpoint that answers after 1 ms with the claims it was given: hook.mjs PORT
import http from 'node:http'

http.createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => setTimeout(() => {
    const body = JSON.stringify({ claims: JSON.parse(Buffer.concat(chunks)).claims })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  }, 1))
}).listen(Number(process.argv[2]), '127.0.0.1')
