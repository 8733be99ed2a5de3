/** `mcp-gw stop`: ends the gateway of this config and waits until it is gone, or puts one of its servers to sleep. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerReport } from '../../downstream/server-routes.ts'
import { type CommonOptions, openContext } from '../context.ts'
import { Exit } from '../exit.ts'
import { isHeld } from '../gateway-lock.ts'
import { postToGateway, refused } from '../gateway-request.ts'
import { findGateway } from '../running-gateway.ts'
import { print } from '../terminal.ts'

/** Beyond the grace for calls, ending the servers may take a moment each. */
const END_MS = 15_000
const LOOK_MS = 50

export async function stop(options: CommonOptions): Promise<void> {
  const context = await openContext(options, true)
  const { url, record, health } = await findGateway(context)
  if (!record) {
    if (health) throw new Exit(1, `the gateway at ${url} was not started from this account; stop it where it was started`)
    throw new Exit(1, 'mcp-gw is not running')
  }
  signal(record.pid)
  for (const end = Date.now() + context.config.shutdown.grace + END_MS; await isHeld(record); await sleep(LOOK_MS)) {
    if (Date.now() > end) throw new Exit(1, `the gateway (pid ${record.pid}) has not ended; calls may still be under way`)
  }
  print(`mcp-gw is stopped (pid ${record.pid})`)
}

export async function stopServer(server: string, options: CommonOptions): Promise<void> {
  const answer = await postToGateway(options, `/api/servers/${encodeURIComponent(server)}/stop`)
  if (!answer.ok) throw refused(answer)
  const { ended } = answer.body as ServerReport
  print(
    ended.length === 0 ? `${server} has no process` : `${server} sleeps; ended: ${ended.map((pid) => `pid ${pid}`).join(', ')}`,
  )
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // It has ended by itself.
    if (code === 'ESRCH') return
    throw new Exit(1, `the gateway (pid ${pid}) cannot be stopped: ${message}`)
  }
}
