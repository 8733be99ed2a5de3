/** What the command line says about listening, and what to tell people where it fails. */
import type { Config } from '../config/schema.ts'
import { Exit } from './exit.ts'
import { portHolder } from './port-holder.ts'

export interface ListenFlags {
  host?: string
  port?: string
}

/** The config with what the command line says in the place of its own words. Throws `Exit` where that cannot be. */
export function withListen(config: Config, { host, port }: ListenFlags): Config {
  const listen = { ...config.listen }
  if (host !== undefined) listen.host = host
  if (port !== undefined) {
    listen.port = Number(port)
    if (!Number.isInteger(listen.port) || listen.port < 0 || listen.port > 65_535)
      throw new Exit(2, `--port: expected 0 to 65535, got "${port}"`)
  }
  const local = ['127.0.0.1', 'localhost', '::1'].includes(listen.host)
  if (!local && !listen.insecure) {
    throw new Exit(
      2,
      `${listen.host} can be reached by other machines, and the gateway does not authenticate them; set listen.insecure: true to allow that`,
    )
  }
  return { ...config, listen }
}

/** Why the gateway cannot listen there, and the key that would mend it. */
export async function listenFailure(
  error: NodeJS.ErrnoException,
  { host, port }: Config['listen'],
): Promise<{ key: string; message: string }> {
  if (error.code === 'EADDRINUSE') {
    const holder = await portHolder(host, port)
    const who = holder ? ` by ${holder}` : ''
    return { key: 'listen.port', message: `port ${port} is in use${who}; stop that, or take another with listen.port or --port` }
  }
  if (error.code === 'EACCES') {
    const message = `port ${port} needs more rights than you have; take one above 1023 with listen.port or --port`
    return { key: 'listen.port', message }
  }
  if (error.code === 'EADDRNOTAVAIL')
    return { key: 'listen.host', message: `${host} is no address of this machine; mend listen.host` }
  return { key: 'listen', message: `cannot listen on ${host}:${port}: ${error.message}` }
}
