/** Starts a server again for those who need it all the time, a moment after it went away. */
import type { Client } from '../call/exchange.ts'
import type { Log } from '../observe/log.ts'

/** How long those who need a server all the time go without it. */
const RETURN_MS = 1_000

interface Away {
  readonly name: string
  readonly failures: { readonly waitMs: number }
  readonly instances: readonly unknown[]
  /** Gives these clients their instances. */
  welcome(clients: Client[]): Promise<void>
  learn(): Promise<void>
}

/** Gives these clients their instances again; with `always`, somebody needs the server even where there are none. */
export function comeBack(server: Away, { clients, always }: { clients: Client[]; always: boolean }, log: Log): void {
  if (clients.length === 0 && !always) return
  const again = async (): Promise<void> => {
    await server.welcome(clients)
    if (always && server.instances.length === 0) await server.learn()
  }
  const missing = (error: unknown): void => log.debug({ server: server.name, err: error }, 'a needed server stays away')
  setTimeout(() => void again().catch(missing), Math.max(RETURN_MS, server.failures.waitMs)).unref()
}
