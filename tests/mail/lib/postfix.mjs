// A real relay: Debian's Postfix, privately, with TLS and a sign-in; what it takes it passes on to a relay of the test. It needs root; the
// package is unpacked beside the system where it is not installed. null: it cannot be had here.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, wait } from '../../lib/machine.mjs'

function programs(dir) {
  if (existsSync('/usr/lib/postfix/sbin/master')) return ''
  try {
    execFileSync('apt-get', ['download', 'postfix'], { cwd: dir, stdio: 'ignore', timeout: 120000 })
    execFileSync('dpkg', ['-x', readdirSync(dir).find((name) => name.endsWith('.deb')), 'files'], { cwd: dir, stdio: 'ignore' })
    return join(dir, 'files')
  } catch { return null }
}

const lookUp = (database, ...names) => {
  for (const name of names) try { return { name, id: Number(execFileSync('getent', [database, name], { encoding: 'utf8' }).split(':')[2]) } } catch {}
  return null
}

// The protocol by which Postfix asks Dovecot who somebody is; one name is known.
function authServer(name, pass) {
  const right = Buffer.from(`\0${name}\0${pass}`).toString('base64')
  return new Promise((ready) => {
    const server = net.createServer((socket) => {
      socket.setEncoding('utf8')
      socket.on('error', () => {})
      socket.write('VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t0123456789abcdef0123456789abcdef\nDONE\n')
      socket.on('data', (text) => {
        for (const line of text.split('\n')) {
          const [verb, id, ...rest] = line.split('\t')
          if (verb === 'AUTH') socket.write(rest.includes(`resp=${right}`) ? `OK\t${id}\tuser=${name}\n` : `FAIL\t${id}\tuser=${name}\n`)
        }
      })
    }).listen(0, '127.0.0.1', () => ready(server))
  })
}

export async function postfix({ certs, next, name = 'mailer', pass = 'p w:ü' }) {
  if (process.getuid() !== 0) return null
  const dir = mkdtempSync(join(tmpdir(), 'postfix-')), files = programs(dir)
  const owner = lookUp('passwd', 'postfix', 'daemon', 'mail'), group = lookUp('group', 'postdrop', 'games', 'staff')
  if (files === null || !owner || !group) return null
  const auth = await authServer(name, pass), port = await freePort(), tlsPort = await freePort()
  chmodSync(dir, 0o755)
  for (const folder of ['conf', 'queue', 'data']) mkdirSync(join(dir, folder))
  for (const folder of ['active', 'bounce', 'corrupt', 'defer', 'deferred', 'flush', 'hold', 'incoming', 'private', 'saved', 'trace', 'public', 'maildrop']) {
    mkdirSync(join(dir, 'queue', folder), { mode: 0o700 })
    chownSync(join(dir, 'queue', folder), owner.id, folder === 'public' || folder === 'maildrop' ? group.id : 0)
  }
  mkdirSync(join(dir, 'queue', 'pid'))
  chownSync(join(dir, 'data'), owner.id, 0)
  for (const [file, content] of Object.entries({ 'host.key': certs.host.key, 'host.pem': certs.host.cert })) writeFileSync(join(dir, file), content, { mode: 0o600 })
  writeFileSync(join(dir, 'conf/main.cf'), `
compatibility_level = 3.6
queue_directory = ${dir}/queue
data_directory = ${dir}/data
command_directory = ${files}/usr/sbin
daemon_directory = ${files}/usr/lib/postfix/sbin
shlib_directory = ${files}/usr/lib/postfix
mail_owner = ${owner.name}
setgid_group = ${group.name}
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH=${files}/usr/lib/postfix
maillog_file = ${dir}/log
maillog_file_prefixes = /tmp, ${tmpdir()}
myhostname = relay.example
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_dns_support_level = disabled
relayhost = [127.0.0.1]:${next}
smtp_tls_security_level = none
alias_maps =
local_recipient_maps =
smtpd_tls_cert_file = ${dir}/host.pem
smtpd_tls_key_file = ${dir}/host.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:${auth.address().port}
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{ { gone@example.net = 550 5.1.1 no such user }, { full@example.net = 452 4.2.2 mailbox full } }, permit_sasl_authenticated, reject
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_delay_reject = yes
`)
  writeFileSync(join(dir, 'conf/master.cf'), `
127.0.0.1:${port} inet n - n - - smtpd
127.0.0.1:${tlsPort} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`)
  const child = spawn(`${files}/usr/lib/postfix/sbin/master`, ['-c', join(dir, 'conf'), '-d'], { stdio: 'ignore', detached: true, env: { ...process.env, LD_LIBRARY_PATH: `${files}/usr/lib/postfix` } })
  const log = () => { try { return readFileSync(join(dir, 'log'), 'utf8') } catch { return '' } }
  const stop = async () => {
    auth.close()
    const ended = child.exitCode === null && new Promise((done) => child.on('exit', done))
    try { process.kill(-child.pid, 'SIGTERM') } catch {}
    await ended
  }
  for (const end = Date.now() + 10000; Date.now() < end; await wait(50)) {
    if (child.exitCode !== null) break
    if (await new Promise((done) => { const probe = net.connect(port, '127.0.0.1', () => { probe.destroy(); done(true) }).on('error', () => done(false)) })) return { port, tlsPort, log, stop, name, pass }
  }
  await stop()
  throw new Error(`Postfix does not start:\n${log()}`)
}
