// Chromium for the tests of every part, and a site of the app's own that has the official client.
import http from 'node:http'

export const CHROMIUM = {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
}

// client: the text of the client's script. Every path is the same page.
export async function openSite(client) {
  const site = http.createServer((request, response) => {
    if (request.url === '/supabase.js') return response.setHeader('content-type', 'text/javascript').end(client)
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>App</title><script src="/supabase.js"></script>')
  })
  await new Promise((listening) => site.listen(0, 'localhost', listening))
  return { origin: `http://localhost:${site.address().port}`, close: () => site.close() }
}
