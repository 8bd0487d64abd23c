// memory.mjs PID: the memory that this process and all below it hold, PSS in kB, and how many processes that is.
import { readdirSync, readFileSync } from 'node:fs'

const parents = new Map()
for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
  try { parents.set(pid, readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ')[1]) } catch {}
}
const family = [process.argv[2]]
for (let at = 0; at < family.length; at++) for (const [pid, parent] of parents) if (parent === family[at]) family.push(pid)
let sum = 0, count = 0
for (const pid of family) {
  try {
    const kB = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1])
    if (!process.argv.includes('--all') && /^(bash|sh|dash|node)$/.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim())) continue
    sum += kB
    count++
  } catch {}
}
console.log(`${sum} ${count}`)
