// Shares scenarios out among runners that work at the same time, each on a copy of the migrated database and three ports of its own.
import { spawn, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const home = dirname(dirname(fileURLToPath(import.meta.url)))
const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    cluster: { type: 'string' }, bin: { type: 'string' }, server: { type: 'string' }, root: { type: 'string', default: home }, jobs: { type: 'string', short: 'j', default: '4' },
    verbose: { type: 'boolean', short: 'v', default: false }, take: { type: 'boolean', default: false }, batch: { type: 'string', default: '6' },
  },
})
const root = resolve(options.root), scenarios = join(root, 'scenarios')
const title = (file) => relative(scenarios, file).replace(/\.json$/, '')
const list = (path) => (!existsSync(path) ? [] : statSync(path).isDirectory() ? readdirSync(path).sort().flatMap((name) => list(join(path, name))) : path.endsWith('.json') ? [path] : [])
const all = list(scenarios)

function matching(name) {
  if (existsSync(name) && statSync(name).isFile()) return [resolve(name)]
  const wanted = name.replace(/\/$/, '').replace(/\.json$/, '')
  const found = all.filter((file) => title(file) === wanted || title(file).split('/')[0].startsWith(wanted) || title(file).endsWith('/' + wanted))
  if (!found.length) { console.error(`no scenario is called ${name}`); process.exit(2) }
  return found
}

const files = [...new Set(names.length ? names.flatMap(matching) : all)]
const batches = []
for (let from = 0; from < files.length; from += Number(options.batch)) batches.push(files.slice(from, from + Number(options.batch)))
const outcome = new Map(), runners = Math.min(Number(options.jobs), batches.length), running = new Set()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { for (const child of running) child.kill(signal); process.exit(1) })
await Promise.all(Array.from({ length: runners }, (_, number) => runner(number)))

const passed = [...outcome].filter(([, one]) => one.ok).map(([name]) => name).sort()
const failed = [...outcome].filter(([, one]) => !one.ok).sort(([a], [b]) => (a < b ? -1 : 1))
for (const [name, { lines }] of failed) {
  console.log(`FAIL ${name}`)
  for (const line of options.verbose ? lines.slice(0, 8) : []) console.log(`       ${line.slice(0, 1200)}`)
}
if (options.take) for (const name of passed) take(name)
else if (options.verbose) for (const name of passed) console.log(`ok   ${name}`)
console.log(`${passed.length} passed, ${failed.length} failed`)
process.exit(failed.length ? 1 : 0)

async function runner(number) {
  const database = `conform_${number}`
  execFileSync(join(options.bin, 'psql'), ['-X', '-q', '-h', options.cluster, '-U', 'postgres', '-c', `create database ${database} template conform`, '-c', `alter database ${database} set search_path = auth`])
  const url = `postgres://supabase_auth_admin@${encodeURIComponent(options.cluster)}/${database}`
  const port = await freePorts(number)
  for (let batch; (batch = batches.shift());) {
    const report = join(mkdtempSync(join(tmpdir(), 'r-')), 'report.json')
    const text = await conform(['check', '--server', options.server, '--db', url, '--port', String(port), '--root', root, '--report', report, ...batch])
    const told = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : []
    for (const one of told) outcome.set(one.scenario, { ...one, lines: one.lines.flatMap(withLog) })
    for (const file of batch) if (!outcome.has(title(file))) outcome.set(title(file), { ok: false, lines: ['the runner ended before it told', ...text.split('\n').slice(-6)] })
  }
}

// A line that names the server's log, with the end of that log, which is gone afterwards.
function withLog(line) {
  const file = /see (\S+server\.log)/.exec(line)?.[1]
  return file && existsSync(file) ? [line, ...readFileSync(file, 'utf8').trim().split('\n').slice(-5).map((text) => `log: ${text}`)] : [line]
}

function conform(args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(home, 'conform.mjs'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    running.add(child)
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { text += chunk })
    child.on('close', () => { running.delete(child); done(text) })
  })
}

// Three ports in a row that nobody uses; a different stretch for each runner and each run.
async function freePorts(number) {
  for (let tries = 0; tries < 50; tries++) {
    const port = 20000 + (((process.pid * 37 + number * 101 + tries * 1009) % 3000) * 4)
    if ((await Promise.all([port, port + 1, port + 2].map(free))).every(Boolean)) return port
  }
  throw new Error('no three free ports in a row')
}

function free(port) {
  return new Promise((answer) => {
    const server = net.createServer()
    server.once('error', () => answer(false))
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)))
  })
}

function take(name) {
  for (const folder of ['scenarios', 'golden']) {
    const to = join(home, folder, name + '.json')
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(to, readFileSync(join(root, folder, name + '.json')))
  }
}
