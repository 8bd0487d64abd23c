// cold.mjs SERVE ENVFILE PORT: milliseconds from starting the server to its first answer.
import { spawn } from 'node:child_process'
import http from 'node:http'

const [serve, env, port] = process.argv.slice(2), began = performance.now()
const child = spawn(serve, [env, port], { stdio: 'ignore' })
const ask = () => http.get({ host: '127.0.0.1', port, path: '/health' }, (response) => {
  response.resume()
  if (response.statusCode !== 200) return setTimeout(ask, 1)
  console.log((performance.now() - began).toFixed(1))
  child.on('exit', () => process.exit(0))
  child.kill('SIGTERM')
}).on('error', () => (child.exitCode === null ? setTimeout(ask, 1) : process.exit(1)))
ask()
