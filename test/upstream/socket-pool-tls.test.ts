/** Over TLS our HTTP client does what it does without, and sends nothing to a server that it cannot trust. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { httpTarget } from '../../src/upstream/http-request.ts'
import { send, serveRaw, serveTls } from '../support/http-pool.ts'
import { PROJECT } from '../support/processes.ts'

const pem = {
  key: readFileSync(join(PROJECT, 'test/fixtures/tls/key.pem')),
  cert: readFileSync(join(PROJECT, 'test/fixtures/tls/cert.pem')),
}

it('connections are kept as well', async () => {
  const { target, connections } = await serveTls(pem, (req, res) => req.pipe(res), { skipVerify: true })
  for (const body of ['one', 'x'.repeat(300_000)]) {
    expect((await send(target, [Buffer.from(body)]).over()).body).toBe(body)
  }
  expect(connections()).toBe(1)
})

it('nothing is sent to a server whose certificate is not trusted', async () => {
  let asked = 0
  const { target } = await serveTls(pem, () => asked++, {})
  const { error } = await send(target, [Buffer.from('secret')]).over()
  expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', unsent: true })
  expect(asked).toBe(0)
})

it('a server that speaks no TLS is not reached', async () => {
  const { target } = await serveRaw((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
  const secure = await httpTarget(target.url.href.replace('http:', 'https:'))
  expect((await send(secure).over()).error).toMatchObject({ unsent: true })
})
