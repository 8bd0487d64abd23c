// Ports and processes of this machine, for the tests of every part.
import { readFileSync, readdirSync } from 'node:fs'
import net from 'node:net'

export const wait = (ms) => new Promise((wake) => setTimeout(wake, ms))

export function freePort() {
  return new Promise((answer) => {
    const server = net.createServer()
    server.listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => answer(port)) })
  })
}

// Children of children of that process, itself included: { pid, name }.
export function descendants(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1'), end = stat.lastIndexOf(')')
      return [{ pid: Number(name), name: stat.slice(stat.indexOf('(') + 1, end), parent: Number(stat.slice(end + 2).split(' ')[1]) }]
    } catch { return [] }
  })
  const found = all.filter((one) => one.pid === pid)
  for (let at = 0; at < found.length; at++) found.push(...all.filter((one) => one.parent === found[at].pid))
  return found
}
