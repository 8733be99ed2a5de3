/** The gateway that runs for a config, as the commands `status` and `stop` see it. */
import { get } from 'node:http'
import type { Health } from '../downstream/health.ts'
import type { Context } from './context.ts'
import { heldRecord } from './gateway-lock.ts'
import { type GatewayRecord, recordFile } from './gateway-record.ts'

const PATIENCE_MS = 2_000

export interface RunningGateway {
  /** Where it listens, or would. */
  url: string
  /** Undefined where another person or machine runs it. */
  record: GatewayRecord | undefined
  /** Undefined where it does not answer. */
  health: Health | undefined
}

export async function findGateway({ config, file }: Pick<Context, 'config' | 'file'>): Promise<RunningGateway> {
  const record = await heldRecord(recordFile(file, process.env))
  const url = record?.url ?? configuredUrl(config.listen)
  return { url, record, health: record?.url || config.listen.port !== 0 ? await askHealth(url) : undefined }
}

/** The endpoint that a config means. Where the gateway listens on every address, the one of this machine will do. */
export function configuredUrl({ host, port }: { host: string; port: number | string }): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/mcp`
}

/** What the gateway with this endpoint says of itself; undefined where none answers there. */
export function askHealth(url: string): Promise<Health | undefined> {
  return new Promise((resolve) => {
    const request = get(new URL('/health', url), { timeout: PATIENCE_MS }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('close', () => resolve(parsed(Buffer.concat(chunks).toString())))
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(undefined))
  })
}

function parsed(text: string): Health | undefined {
  try {
    const health = JSON.parse(text) as Health
    return health.name === 'mcp-gw' ? health : undefined
  } catch {
    // Something else listens there.
    return undefined
  }
}
