/** Calls that wait for answers of their clients wait all by one timer: what each has of its own is the server's patience, as any call has. */
import { createHook } from 'node:async_hooks'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { StatelessRequest } from '../../src/gateway/stateless/request.ts'
import type { Message } from '../../src/protocol/message.ts'
import { readMessage } from '../../src/protocol/read.ts'
import { startReference, temporaryFolder } from '../support/gateway.ts'
import { InProcess } from '../support/in-process.ts'
import { until } from '../support/processes.ts'
import { page } from '../support/stateless.ts'

const CALLS = 40
const AT_ONCE = 20

const folder = temporaryFolder()
afterAll(() => folder.remove())

test('calls that wait for their clients have no timers of their own', async () => {
  const reference = await startReference()
  const servers = { older: { url: reference.url, protocol: 'session', timeout: '60s' } }
  const gateway = new InProcess({ servers }, join(folder.path, 'state'))
  await gateway.engine.start()
  const { stateless, endpoints } = gateway.engine
  const origin = { door: endpoints.main, wishes: {} }
  const timers = new Set<number>()
  const hook = createHook({
    init: (id, type) => void (type === 'Timeout' && startedByGateway() && timers.add(id)),
    destroy: (id) => void timers.delete(id),
  }).enable()
  const params = { name: 'older__test_elicitation', arguments: { message: 'm' } }
  for (let n = 0; n < CALLS; n += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, i) => {
        const { body } = page('tools/call', params, { id: n + i, capabilities: { elicitation: {} } })
        const message = readMessage(Buffer.from(body)) as Message
        const reply = await stateless.answer(new StatelessRequest(message, { origin, outlet: { send: () => undefined } }))
        expect(Buffer.concat([...(reply?.message ?? [])]).toString()).toContain('"input_required"')
      }),
    )
  }
  expect(stateless.parked).toBe(CALLS)
  // The one that waits for questions which come together may just have fired.
  await until(() => (timers.size === 0 ? true : undefined), `timers run for ${CALLS} calls`, { ms: 5_000 })
  hook.disable()
  await gateway.close()
  expect(stateless.parked).toBe(0)
  await reference.stop()
})

/** Whether the timer that begins at this moment is one of `src/gateway`, and not of the connection to the server. */
function startedByGateway(): boolean {
  const own = (new Error().stack ?? '').split('\n').find((line) => line.includes('/src/'))
  return own?.includes('/src/gateway/') ?? false
}
