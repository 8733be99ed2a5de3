/** A gateway that shuts down takes nobody in any more. */
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fixtureServer, temporaryFolder } from '../support/gateway.ts'
import { InProcess } from '../support/in-process.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

test('a client on a connection that is still open gets no session from a gateway that is about to end', async () => {
  const gateway = new InProcess({ servers: { tiny: fixtureServer('tiny.mjs') } }, join(folder.path, 'state'))
  await gateway.engine.start()
  await gateway.open()
  expect(await gateway.request('tools/call', { name: 'tiny__hello' })).toContain('hello')
  await gateway.engine.drain()
  const late = gateway.open()
  await Promise.all([gateway.close(), expect(late).rejects.toThrow('the gateway is shutting down')])
  await expect(gateway.open()).rejects.toThrow('the gateway is shutting down')
  expect(gateway.engine.sessions.size).toBe(0)
})
