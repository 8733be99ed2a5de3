/** What the signals of the system mean to a gateway: end in order, end at once, or load the config anew. */
import { closeSync, openSync } from 'node:fs'

export interface SignalActions {
  /** Ends in order. */
  stop(signal: NodeJS.Signals): Promise<void>
  reload(): void
}

/** Acts on SIGINT, SIGTERM and SIGHUP from now on; a second signal to end does so at once. */
export function onSignals({ stop, reload }: SignalActions): void {
  let stopping: Promise<void> | undefined
  const end = (signal: NodeJS.Signals): void => {
    if (stopping !== undefined) process.exit(130)
    stopping = stop(signal).finally(() => process.exit())
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  // SIGHUP also says that the terminal is gone: whoever closed the window has not asked for a reload.
  const inTerminal = hasTerminal()
  process.on('SIGHUP', (signal) => {
    if (process.platform === 'win32' || (inTerminal && !hasTerminal())) {
      // Writing to it fails from now on, which must not end us before the servers have ended.
      for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)
      end(signal)
    } else if (stopping === undefined) reload()
  })
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
