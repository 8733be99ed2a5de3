/** Starts the program of a server, and once more where it does not stand to be asked for its era. */
import { setTimeout as wait } from 'node:timers/promises'
import type { GatewayError } from '../protocol/errors.ts'
import { attempt, type Eras, type StartSetup } from './attempt.ts'
import { Instance } from './instance.ts'
import type { ServerOptions } from './options.ts'
import { StdioConnection } from './stdio.ts'
import { inWorkspace } from './workspace-folder.ts'

export async function startProgram(setup: StartSetup, eras: Eras): Promise<Instance> {
  const { name, children, log } = setup
  const options = await settled(setup)
  const whole = options.start_timeout
  const connect = (): StdioConnection => new StdioConnection(name, options, children, log)
  if (eras.length === 1) return attempt(setup, connect(), eras, whole)
  const instances: Instance[] = []
  const begun = (instance: Instance): void => {
    instances.push(instance)
    setup.begun(instance)
  }
  const probed = attempt({ ...setup, begun }, connect(), eras, whole)
  const patience = new AbortController()
  const half = wait(whole / 2, undefined, { ref: false, signal: patience.signal }).catch(() => undefined)
  const outcome = await Promise.race([probed.catch((error) => error as GatewayError), half])
  patience.abort()
  if (outcome instanceof Instance) return outcome
  // Some programs end when they are asked anything before `initialize`, and some never read on.
  if (!setup.wanted()) return probed
  const plain = attempt({ ...setup, begun }, connect(), ['session'], outcome === undefined ? whole / 2 : whole)
  const up = await Promise.any([probed, plain]).catch(() => plain)
  for (const other of instances) if (other !== up) void other.close()
  setup.begun(up)
  return up
}

/** The options with the folder that the program runs in. */
async function settled({ name, options, seat: { roots }, children: { home }, log }: StartSetup): Promise<ServerOptions> {
  return roots ? inWorkspace(options, { name, roots, home, log }) : options
}
