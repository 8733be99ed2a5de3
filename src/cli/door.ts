/**
 * The door by which `mcp-gw serve` starts without the rest of the command line, which would take a tenth of the time until it
 * listens. What is not said as it should be is left to the command line, which knows how to explain it.
 */
import '../std/parse-once.ts'
import { parseArgs } from 'node:util'
import { logLevels } from '../observe/levels.ts'
import { type ServeOptions, serve } from './commands/serve.ts'
import { ended, outliveReader } from './terminal.ts'

/** Starts the gateway; false, and nothing has happened, where the arguments are not those of `serve`. */
export function enter(args: string[]): boolean {
  const options = read(args)
  if (!options) return false
  if (options.background || options.stdio) outliveReader()
  serve(options).catch(ended)
  return true
}

function read(args: string[]): ServeOptions | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string', short: 'c' },
        demo: { type: 'boolean' },
        'log-level': { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        stdio: { type: 'boolean' },
        background: { type: 'boolean' },
        'in-background': { type: 'boolean' },
      },
    })
    const { 'log-level': wanted, 'in-background': inBackground, ...rest } = values
    const logLevel = logLevels.find((level) => level === wanted)
    if (wanted !== undefined && !logLevel) return undefined
    return { ...rest, ...(logLevel && { logLevel }), ...(inBackground && { inBackground }) }
  } catch {
    return undefined
  }
}
