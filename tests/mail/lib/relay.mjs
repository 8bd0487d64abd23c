// A mail relay that can be told how to behave: well, slowly, or badly. It keeps what it has said 250 to.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'

const wait = (ms) => new Promise((wake) => setTimeout(wake, ms))

// An authority and a certificate for localhost and 127.0.0.1 under it; stranger: one for another name.
export function certificates() {
  const dir = mkdtempSync(join(tmpdir(), 'ca-')), at = (name) => join(dir, name)
  const openssl = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] })
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test authority')
  for (const [name, names] of [['host', 'DNS:localhost,IP:127.0.0.1'], ['stranger', 'DNS:mail.elsewhere.example']]) {
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`)
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-copy_extensions', 'copy', '-out', `${name}.pem`)
  }
  const pair = (name) => ({ key: readFileSync(at(`${name}.key`)), cert: readFileSync(at(`${name}.pem`)) })
  const der = execFileSync('openssl', ['x509', '-in', at('host.pem'), '-pubkey', '-noout'])
  const raw = execFileSync('openssl', ['pkey', '-pubin', '-outform', 'der'], { input: der })
  return { ca: at('ca.pem'), host: pair('host'), stranger: pair('stranger'), pin: execFileSync('openssl', ['dgst', '-sha256', '-binary'], { input: raw }).toString('base64') }
}

// behave: { on: { verb: answer }, … } may be changed at any time.
//   answers by verb: greeting, ehlo, starttls, auth, mail, rcpt, data, body: a text, or a function (line) => text or null (as usual)
//   delay: ms before each answer; delays: { verb: ms }; silent: verb that is never answered; hangUp: verb after which it closes
//   tls: { key, cert }; implicit: from the start; starttls: offered; auth: 'PLAIN LOGIN'; users: { name: password }
export class Relay {
  constructor(behave = {}) {
    Object.assign(this, { behave, mails: [], attempts: [], connections: 0, sockets: new Set() })
  }

  listen(port = 0) {
    const accept = (socket) => {
      this.connections++
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
      socket.on('error', () => {})
      this.talk(socket, this.behave.implicit)
    }
    this.server = this.behave.implicit ? tls.createServer(this.behave.tls, accept) : net.createServer(accept)
    this.server.on('tlsClientError', () => {})
    return new Promise((ready) => this.server.listen(port, this.behave.address || '127.0.0.1', () => { this.port = this.server.address().port; ready(this) }))
  }

  // Nobody listens on the port any more, and who was connected is not.
  close() {
    const done = new Promise((end) => this.server.close(end))
    for (const socket of this.sockets) socket.destroy()
    return done
  }

  async mailTo(address, ms = 5000) {
    for (const until = Date.now() + ms; Date.now() < until; await wait(10)) {
      const found = this.mails.find((mail) => mail.to.includes(address))
      if (found) return found
    }
    return null
  }

  talk(socket, inTls) {
    let buffer = '', mail = fresh(), mode = 'command', user = null, step = 0
    const pump = async (chunk) => {
      buffer += chunk
      for (let at; (at = buffer.indexOf('\r\n')) >= 0;) {
        const line = buffer.slice(0, at)
        buffer = buffer.slice(at + 2)
        await take(line)
      }
    }
    let chain = Promise.resolve()
    const listen = () => { socket.setEncoding('latin1'); socket.on('data', (chunk) => { chain = chain.then(() => pump(chunk)).catch((e) => console.error(e)) }) }
    const say = async (verb, usual, line = '') => {
      this.at = verb // the step that it is asked for
      const told = this.behave.on?.[verb], answer = (typeof told === 'function' ? told(line) : told) ?? usual
      if (this.behave.silent === verb) return false
      await wait(this.behave.delays?.[verb] ?? this.behave.delay ?? 0)
      if (this.behave.hangUp === verb) { socket.destroy(); return false }
      if (answer) await this.write(socket, answer)
      return answer && answer.startsWith('2')
    }
    const command = async (line) => {
      const verb = line.split(/[ :]/)[0].toLowerCase()
      if (verb === 'ehlo' || verb === 'helo') {
        const offers = ['relay', '8BITMIME', 'PIPELINING', 'ENHANCEDSTATUSCODES', ...(this.behave.starttls && !inTls ? ['STARTTLS'] : []), ...(this.behave.auth ? [`AUTH ${this.behave.auth}`] : []), 'SIZE 10485760']
        this.hello = line.slice(5)
        await say('ehlo', verb === 'helo' ? '250 relay' : offers.map((offer, i) => `250${i === offers.length - 1 ? ' ' : '-'}${offer}`).join('\r\n'))
      } else if (verb === 'starttls') {
        if (!await say('starttls', '220 go on')) return
        socket.removeAllListeners('data')
        socket = new tls.TLSSocket(socket, { isServer: true, ...this.behave.tls })
        socket.on('error', () => {})
        inTls = true
        listen()
      } else if (verb === 'auth') {
        const [, way, initial] = line.split(' ')
        this.way = way
        const name = initial && Buffer.from(initial, 'base64').toString()
        if (way === 'PLAIN' && initial) await signIn(...name.split('\0').slice(1))
        else if (way === 'LOGIN' && initial) { mode = way; step = 1; user = name; await this.write(socket, '334 UGFzc3dvcmQ6') }
        else { mode = way; step = 0; user = null; await this.write(socket, way === 'LOGIN' ? '334 VXNlcm5hbWU6' : `334 ${Buffer.from('<1.2@relay>').toString('base64')}`) }
      } else if (verb === 'mail') { mail = fresh(inTls, this.signedIn); if (await say('mail', '250 2.1.0 ok', line)) mail.from = (line.match(/<(.*?)>/) || [])[1] }
      else if (verb === 'rcpt') { const to = (line.match(/<(.*?)>/) || [])[1]; this.attempts.push(to); if (await say('rcpt', '250 2.1.5 ok', line)) mail.to.push(to) }
      else if (verb === 'data') {
        if (!mail.to.length) return this.write(socket, '503 5.5.1 no recipient')
        mode = 'data'
        const told = this.behave.on?.data
        if (typeof told === 'string' && !told.startsWith('3')) mode = 'command'
        await say('data', '354 go on')
      } else if (verb === 'rset') { mail = fresh(inTls, this.signedIn); await this.write(socket, '250 2.0.0 ok') }
      else if (verb === 'quit') { await this.write(socket, '221 2.0.0 bye'); socket.end() }
      else await this.write(socket, '502 5.5.1 not here')
    }
    const signIn = async (name, pass) => {
      const good = !this.behave.users || this.behave.users[name] === pass
      this.signedIn = good ? name : null
      mode = 'command'
      await say('auth', good ? '235 2.7.0 ok' : '535 5.7.8 wrong')
    }
    const take = async (line) => {
      if (mode === 'data') {
        if (line !== '.') { mail.raw += (line.startsWith('.') ? line.slice(1) : line) + '\n'; return }
        mode = 'command'
        this.bodies = (this.bodies || 0) + 1
        const keep = mail
        mail = fresh()
        if (this.behave.keepFirst) this.mails.push(keep)
        if (await say('body', '250 2.0.0 kept', keep.raw) && !this.behave.keepFirst) this.mails.push(keep)
      } else if (mode === 'LOGIN') {
        if (step++ === 0) { user = Buffer.from(line, 'base64').toString(); await this.write(socket, '334 UGFzc3dvcmQ6') } else await signIn(user, Buffer.from(line, 'base64').toString())
      } else if (mode === 'PLAIN') await signIn(...Buffer.from(line, 'base64').toString().split('\0').slice(1))
      else if (mode === 'CRAM-MD5') { mode = 'command'; this.signedIn = Buffer.from(line, 'base64').toString().replace(/ [^ ]*$/, ''); await say('auth', '235 2.7.0 ok') }
      else await command(line)
    }
    listen()
    say('greeting', '220 relay ESMTP')
  }

  async write(socket, answer) {
    const bytes = answer.endsWith('\n') || this.behave.noLineEnd ? answer : answer + '\r\n'
    if (!this.behave.drip) return socket.write(bytes)
    for (const byte of bytes) { if (socket.destroyed) return; socket.write(byte); await wait(this.behave.drip) }
  }
}

const fresh = (inTls, user) => ({ from: '', to: [], raw: '', inTls, user, at: Date.now() })

export const idOf = (mail) => (mail.raw.match(/^Message-ID: <([^@>]+)@/m) || [])[1]
