/** The reference server, which serves both eras over HTTP and stdio. */
import { join } from 'node:path'
import type { HttpServer } from './gateway.ts'
import { PROJECT, run, stop, until } from './processes.ts'

const SERVER = join(PROJECT, 'test', 'reference', 'server.mjs')

/** A server entry that starts it. */
export function referenceServer(): { command: string; args: string[] } {
  return { command: process.execPath, args: [SERVER, '--stdio'] }
}

/** Starts it over HTTP, on loopback; `port` takes the place of one that has ended. */
export async function startReference(port = 0): Promise<HttpServer> {
  const running = run(process.execPath, [SERVER, '--http', '--port', String(port)])
  const look = () => /^listening (\S+)$/m.exec(running.stdout())?.[1]
  const url = await until(look, 'the reference server does not listen', { running })
  return { url, running, stop: async () => void (await stop(running, 'SIGKILL')) }
}
