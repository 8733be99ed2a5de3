/** The `.env` beside the config of a running gateway: what it says holds, and holds anew as soon as it is saved. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { Gateway, logLines, packageServer, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { until } from '../support/processes.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

test('a key that is written there reaches the server without a restart of the gateway, and no log shows it', async () => {
  const env = (value: string): void => writeFileSync(join(folder.path, '.env'), `KEY=${value}\n`, { mode: 0o600 })
  env('sekret-first')
  const file = writeConfig(folder.path, {
    listen: { port: 0 },
    servers: { everything: { ...packageServer('everything'), env: { KEY: '${KEY}' } } },
  })
  const gateway = await Gateway.start({ file }, { args: ['--log-level', 'trace'] })
  const client = await TestClient.http(gateway.url())
  expect(await client.text('everything__get-env')).toContain('"KEY": "sekret-first"')
  env('sekret-second')
  const second = async (): Promise<true | undefined> =>
    (await client.text('everything__get-env')).includes('"KEY": "sekret-second"') ? true : undefined
  await until(second, 'the new key does not reach the server', { running: gateway.running })
  expect(gateway.running.stderr()).not.toContain('sekret')
  expect(logLines(gateway.running).some(({ message }) => String(message).startsWith('config reloaded'))).toBe(true)
  await client.close()
  await gateway.stop()
})
