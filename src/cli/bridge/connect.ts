/** `mcp-gw connect`: the bridge from a client's stdio to the running gateway. */
import { Bridge } from './bridge.ts'
import { ClientPipe } from './client-pipe.ts'
import { Flows } from './flows.ts'
import { type ConnectOptions, GatewayAddress } from './gateway-address.ts'

/** Serves the client at stdin and stdout, and ends the process when it goes. */
export async function connect(options: ConnectOptions): Promise<never> {
  const output = process.stdout
  // A stray print of any module must not reach the client: every line on stdout is JSON-RPC.
  Object.defineProperty(process, 'stdout', { get: () => process.stderr })
  const flows = new Flows()
  const address = new GatewayAddress(options)
  const bridge = new Bridge({ pipe: new ClientPipe(process.stdin, output, flows), address, flows, cwd: process.cwd() })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void bridge.end().finally(() => process.exit(0)))
  }
  await bridge.run()
  // What was written last may still be on its way to a slow client.
  await new Promise<void>((resolve) => {
    output.once('error', () => resolve())
    output.end(resolve)
  })
  process.exit(0)
}
