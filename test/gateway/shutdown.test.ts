/** A gateway that shuts down takes nobody in any more, and answers whoever still waits. */
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fixtureServer, temporaryFolder } from '../support/gateway.ts'
import { InProcess } from '../support/in-process.ts'
import { until } from '../support/processes.ts'

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

test('what is under way when a gateway ends is answered, also where the server has not even started', async () => {
  const servers = { slow: fixtureServer('annotated.mjs'), mute: fixtureServer('misbehaving.mjs', '--mute') }
  const gateway = new InProcess({ servers }, join(folder.path, 'waiting'))
  void gateway.engine.start().catch(() => undefined)
  await gateway.open()
  const running = gateway.request('tools/call', { name: 'slow__look', arguments: { delayMs: 60_000 } })
  const starting = gateway.request('tools/call', { name: 'mute__echo', arguments: {} })
  const [slow] = gateway.servers
  await until(() => (slow?.instances.some(({ inFlight }) => inFlight > 0) ? true : undefined), 'the call does not start')
  await gateway.close()
  for (const answer of [await running, await starting]) expect(answer).toContain('was stopped while it worked on this request')
})
