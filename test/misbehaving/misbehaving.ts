/** What the tests of misbehaving servers share: a gateway with short patience, and a look at whether it has stayed sound. */
import { expect } from 'vitest'
import { fixtureServer, Gateway, type GatewayConfig, logLines } from '../support/gateway.ts'

/** An entry for the stdio server that misbehaves; a request may be silent for a second. */
export function misbehaving(flags: readonly string[] = [], options: object = {}): object {
  return { ...fixtureServer('misbehaving.mjs', ...flags), timeout: '1s', ...options }
}

/** An entry for the HTTP server that misbehaves. */
export function misbehavingAt(url: string, options: object = {}): object {
  return { url, timeout: '1s', ...options }
}

export function startGateway(
  servers: GatewayConfig['servers'],
  options: Partial<GatewayConfig> & { ready?: boolean } = {},
): Promise<Gateway> {
  const { ready = true, ...config } = options
  return Gateway.start({ ...config, servers, log: { level: 'debug' } }, { ready })
}

/** Fails where the gateway was surprised: whatever a server does, it must expect it. */
export function expectSound(gateway: Gateway): void {
  expect(gateway.running.child.exitCode).toBeNull()
  const surprises = logLines(gateway.running).filter(
    ({ level, message }) => Number(level) >= 50 || /inside the gateway/.test(String(message)),
  )
  expect(surprises).toEqual([])
  const unstructured = gateway.running
    .stderr()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'))
  expect(unstructured).toEqual([])
}

/** Ends the gateway, which must be in order until then. */
export async function stopSound(gateway: Gateway): Promise<void> {
  expectSound(gateway)
  await gateway.stop()
}

/** The message of the error that a call gets. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    return `no error but ${JSON.stringify(await call)}`
  } catch (error) {
    return (error as Error).message
  }
}

/** How long it takes, in milliseconds. */
export async function taking<Result>(work: Promise<Result>): Promise<{ result: Result; ms: number }> {
  const before = performance.now()
  const result = await work
  return { result, ms: performance.now() - before }
}
