/** Checks of who may reach what: the endpoint, the token, the keychain, the backups, and what servers are allowed. */
import { readdir } from 'node:fs/promises'
import { keychainFailure } from '../../config/keychain.ts'
import { localTokenFile } from '../../std/local-token.ts'
import { shortPath } from '../../std/paths.ts'
import type { Around, WrittenServer } from './around.ts'
import { type Check, type Finding, type Group, ok, skip } from './check.ts'
import { modeFinding } from './file-modes.ts'
import { statusWith } from './gateway-talk.ts'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i
const STRANGER = 'stranger.example'

function listening({ settled }: Around): Finding[] {
  if (!settled) return [skip('listen.host', 'the config has problems')]
  const { host } = settled.config.listen
  if (LOOPBACK.test(host)) return [ok('listen.host', `${host}: only this machine reaches the gateway`)]
  const message = `${host} can be reached by other machines, and the gateway asks nobody who they are`
  return [{ status: 'warn', subject: 'listen.host', message, fix: 'set listen.host: 127.0.0.1' }]
}

/** A web page that has its name point at this machine must not get through. */
async function strangers(around: Around): Promise<Finding[]> {
  const { url, health } = around.settled ? await around.gateway() : { url: '', health: undefined }
  if (!health) return [skip('Host and Origin', 'no gateway runs')]
  const asked = { Host: { host: STRANGER }, Origin: { host: new URL(url).host, origin: `https://${STRANGER}` } }
  const findings = Object.entries(asked).map(async ([name, headers]): Promise<Finding> => {
    const status = await statusWith(url, headers)
    if (status === 403) return ok(name, 'a foreign one is refused')
    const fix = 'update mcp-gw'
    return { status: 'error', subject: name, message: `a foreign one is answered with ${status ?? 'nothing'}`, fix }
  })
  return Promise.all(findings)
}

function token(around: Around): Promise<Finding[]> {
  const path = localTokenFile(around.machine.env)
  return Promise.all([
    modeFinding({ path, mode: 0o600, kind: 'file', danger: 'others can read the token of the gateway' }, around),
  ])
}

async function keychain({ text, offline }: Around): Promise<Finding[]> {
  if (!text?.includes('${keychain:')) return [skip('keychain', 'the config takes nothing from it')]
  if (offline) return [skip('keychain', 'left out by --offline')]
  const failure = await keychainFailure()
  if (!failure) return [ok('keychain', 'answers')]
  return [{ status: 'error', subject: 'keychain', message: failure.error, fix: 'unlock it' }]
}

async function backups(around: Around): Promise<Finding[]> {
  const { backups: path } = around.history
  const folders = await readdir(path).catch(() => [])
  const rights = await modeFinding({ path, mode: 0o700, kind: 'folder', danger: 'others can read the backups' }, around)
  if (rights.status !== 'ok') return [rights]
  const kept = `backups of ${folders.length} ${folders.length === 1 ? 'file' : 'files'}`
  return [ok(shortPath(path, around.machine.home), kept)]
}

/** What somebody should have looked at before it runs. */
export function dangers({ command = '', args = [], url }: NonNullable<WrittenServer['entry']>): string[] {
  const words = [command, ...args]
  const line = words.join(' ')
  const found: string[] = []
  if (/(?:curl|wget)\b.*\|\s*(?:ba|z|da)?sh\b/.test(line)) found.push('runs what it downloads')
  else if (/^(?:.*[\\/])?(?:ba|z|da)?sh$/.test(command) && args.some((arg) => /^-\w*c$/.test(arg)))
    found.push('is a line for a shell')
  if (words.includes('--privileged')) found.push('runs a container that may do everything')
  if (/docker\.sock/.test(line)) found.push('can start containers of its own')
  const host = url !== undefined && URL.canParse(url) ? new URL(url) : undefined
  if (host?.protocol === 'http:' && !LOOPBACK.test(host.hostname)) found.push('is reached without encryption')
  return found
}

function unsafe({ servers }: Around): Finding[] {
  if (servers.length === 0) return [skip('servers', 'there are none')]
  const found = servers.flatMap(({ name, entry }): Finding[] =>
    (entry && !entry.disabled ? dangers(entry) : []).map((message) => ({
      status: 'warn',
      subject: name,
      message,
      fix: `look at servers.${name}, and keep it only if you trust it`,
    })),
  )
  return found.length > 0 ? found : [ok('servers', 'none does what should be looked at')]
}

const checks: readonly Check[] = [
  { id: 'MGW-X01', title: 'Who can reach the gateway', run: listening },
  { id: 'MGW-X02', title: 'Web pages and foreign hosts', run: strangers },
  { id: 'MGW-X03', title: 'Token', run: token },
  { id: 'MGW-X04', title: 'Keychain', timeoutMs: 25_000, run: keychain },
  { id: 'MGW-X05', title: 'Backups', run: backups },
  { id: 'MGW-X06', title: 'What servers may do', run: unsafe },
]

export const security: Group = { name: 'security', title: 'Security', checks }
