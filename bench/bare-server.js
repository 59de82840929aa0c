import { open } from 'node:fs/promises'
import { createServer } from 'node:http'

/**
 * The least that an inbox could do and still keep its word: append the body to a file, fsync, answer. No token, no check of
 * the body, no encryption, no identity. Usage: `node bench/bare-server.js PORT FILE`.
 */
const [port = '', path = ''] = process.argv.slice(2)
const file = await open(path, 'a')

createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  await file.appendFile(Buffer.concat(chunks))
  await file.sync()
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"work_order_id":"none"}')
}).listen(Number(port), '127.0.0.1')
