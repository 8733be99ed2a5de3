/** A server whose place is taken hands over whoever waits for it. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fixtureServer, temporaryFolder } from '../support/gateway.ts'
import { InProcess } from '../support/in-process.ts'
import { until } from '../support/processes.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const file = (name: string) => join(folder.path, name)

/** Dies at every start, or at none, as the file of its deaths says; failures are followed by a pause. */
const frail = {
  ...fixtureServer('recording.mjs', '--name', 'frail', '--die-at', 'initialize', '--deaths', file('deaths')),
  reconnect: { base: '2s' },
}

test('a call that waits for the next start of a server that is put to sleep is answered by the one after it', async () => {
  const config = { servers: { frail }, shutdown: { grace: '1ms' } }
  writeFileSync(file('deaths'), '+')
  const before = new InProcess(config, file('state'))
  await before.engine.start()
  const kept = () =>
    existsSync(file('state/snapshots')) && readdirSync(file('state/snapshots')).find((name) => name.endsWith('.json'))
  await until(() => kept() || undefined, 'what it offers is not kept')
  await before.close()

  writeFileSync(file('deaths'), '')
  const gateway = new InProcess(config, file('state'))
  await gateway.engine.start()
  await gateway.open()
  const call = gateway.request('tools/call', { name: 'frail__look', arguments: { nonce: 'here' } })
  const place = gateway.engine.place('frail')
  await until(() => (place.server.supervision.failures.failing ? true : undefined), 'it does not fail')
  await place.sleep()
  expect(await call).toContain('here')
  await gateway.close()
})
