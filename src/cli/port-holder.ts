/** Finds out who listens on a port, as far as the system tells. */
import { execFile } from 'node:child_process'
import { get } from 'node:http'

/** `node (pid 123)`, `another mcp-gw (pid 123)`, or undefined where the system does not say. */
export async function portHolder(host: string, port: number): Promise<string | undefined> {
  const [name, process] = await Promise.all([askName(host, port), askSystem(port)])
  if (name !== 'mcp-gw') return process
  return `another mcp-gw${process ? ` (${/pid \d+/.exec(process)?.[0] ?? process})` : ''}`
}

async function askSystem(port: number): Promise<string | undefined> {
  const lsof = await output('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'])
  const pid = /^p(\d+)$/m.exec(lsof)?.[1]
  if (pid) return `${/^c(.+)$/m.exec(lsof)?.[1] ?? 'a program'} (pid ${pid})`
  const ss = await output('ss', ['-ltnpH', `sport = :${port}`])
  const match = /users:\(\("([^"]+)",pid=(\d+)/.exec(ss)
  return match ? `${match[1]} (pid ${match[2]})` : undefined
}

/** What a program says; nothing where it is not there. */
function output(program: string, args: string[]): Promise<string> {
  return new Promise((resolve) => execFile(program, args, { timeout: 3_000 }, (_error, stdout) => resolve(stdout)))
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
