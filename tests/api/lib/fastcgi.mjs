// FastCGI spoken by hand, well or badly: what a web server sends, byte by byte (FastCGI specification 1.0, section 3).
import net from 'node:net'

export const BEGIN = 1, ABORT = 2, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6

export function record(type, content = Buffer.alloc(0), { id = 1, version = 1, length = content.length, padding = 0 } = {}) {
  const head = Buffer.from([version, type, id >> 8, id & 255, length >> 8, length & 255, padding, 0])
  return Buffer.concat([head, content, Buffer.alloc(padding)])
}

export const begin = (role = 1, flags = 0) => record(BEGIN, Buffer.from([role >> 8, role & 255, flags, 0, 0, 0, 0, 0]))

const size = (length) => {
  if (length < 128) return Buffer.from([length])
  const four = Buffer.alloc(4)
  four.writeUInt32BE((length | 0x80000000) >>> 0)
  return four
}
export const pair = (name, value) => Buffer.concat([size(Buffer.byteLength(name)), size(Buffer.byteLength(value)), Buffer.from(name), Buffer.from(value)])
export const pairs = (values) => Buffer.concat(Object.entries(values).map(([name, value]) => pair(name, value)))

export function request(params, body = '') {
  return Buffer.concat([begin(), record(PARAMS, pairs(params)), record(PARAMS), ...(body ? [record(STDIN, Buffer.from(body))] : []), record(STDIN)])
}

// Sends the bytes; gives the text of all STDOUT records, or what came until the other side closed or the time was over.
export function send(socketPath, bytes, ms = 5000) {
  return new Promise((done) => {
    const socket = net.connect(socketPath, () => socket.write(bytes)), chunks = []
    const late = setTimeout(() => socket.destroy(), ms)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => { clearTimeout(late); done(stdout(Buffer.concat(chunks))) })
  })
}

function stdout(data) {
  const out = []
  for (let at = 0; at + 8 <= data.length;) {
    const length = data.readUInt16BE(at + 4)
    if (data[at + 1] === STDOUT) out.push(data.subarray(at + 8, at + 8 + length))
    at += 8 + length + data[at + 6]
  }
  return Buffer.concat(out).toString('utf8')
}
