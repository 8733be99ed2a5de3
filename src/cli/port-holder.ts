/** Finds out who listens on a port, as far as the system tells. */
import { get } from 'node:http'

/** `node (pid 123)`, `another mcp-gw (pid 123)`, or undefined where the system does not say. */
export async function portHolder(host: string, port: number): Promise<string | undefined> {
  const [name, process] = await Promise.all([askName(host, port), askSystem(port)])
  if (name !== 'mcp-gw') return process
  return `another mcp-gw${process ? ` (${/pid \d+/.exec(process)?.[0] ?? process})` : ''}`
}

async function askSystem(port: number): Promise<string | undefined> {
  const { execa } = await import('execa')
  const options = { reject: false, timeout: 3_000 } as const
  const lsof = await execa('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], options)
  const pid = /^p(\d+)$/m.exec(lsof.stdout ?? '')?.[1]
  if (pid) return `${/^c(.+)$/m.exec(lsof.stdout ?? '')?.[1] ?? 'a program'} (pid ${pid})`
  const ss = await execa('ss', ['-ltnpH', `sport = :${port}`], options)
  const match = /users:\(\("([^"]+)",pid=(\d+)/.exec(ss.stdout ?? '')
  return match ? `${match[1]} (pid ${match[2]})` : undefined
}

function askName(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host, port, path: '/health', timeout: 500 }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body = (body + chunk).slice(0, 10_000)
      })
      response.once('end', () => resolve(/"name":"([\w-]+)"/.exec(body)?.[1]))
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(undefined))
  })
}
