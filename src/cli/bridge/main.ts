/** The door by which `mcp-gw connect` starts without the rest of the command line, which would double its memory. */
import { parseArgs } from 'node:util'
import { Exit } from '../exit.ts'
import { connect } from './connect.ts'
import { beFrugal } from './frugality.ts'
import type { ConnectOptions } from './gateway-address.ts'

beFrugal()
run().catch((error: Error) => {
  process.stderr.write(`mcp-gw: ${error instanceof Exit ? error.message : error.stack}\n`)
  process.exit(error instanceof Exit ? error.code : 1)
})

async function run(): Promise<void> {
  await connect(options(process.argv.slice(3)))
}

function options(args: string[]): ConnectOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string', short: 'c' },
        url: { type: 'string' },
        server: { type: 'string' },
        demo: { type: 'boolean' },
        'log-level': { type: 'string' },
        'no-start': { type: 'boolean' },
      },
    })
    const { 'no-start': waits, 'log-level': logLevel, ...rest } = values
    return { ...rest, logLevel, start: !waits }
  } catch (error) {
    throw new Exit(2, `${(error as Error).message}\n(run mcp-gw connect --help to see what there is)`)
  }
}
