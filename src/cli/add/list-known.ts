/** `mcp-gw add --list`: the catalogue, or what of it a query is about. */
import kleur from 'kleur'
import { type KnownServer, knownServers, searchKnown } from '../../config/known-servers.ts'
import { clipped, print, printJson } from '../terminal.ts'

/** How a person gets in. */
const ACCESS: Record<KnownServer['auth'], string> = {
  none: '',
  'optional key': 'key, if you have one',
  key: 'key',
  'key or login': 'key',
  login: 'sign-in',
  'app login': 'sign-in',
}

export async function listKnown(query: string, json: boolean): Promise<void> {
  const found = searchKnown(await knownServers(), query)
  if (json) return printJson(found)
  if (found.length === 0)
    return print(`The catalogue has nothing about ${query}. The registry may have: mcp-gw add --registry ${query.split(' ')[0]}`)
  const names = Math.max(...found.map(({ id }) => id.length))
  const access = Math.max(...found.map(({ auth }) => ACCESS[auth].length))
  for (const { id, about, auth } of found) {
    const row = `${id.padEnd(names)}  ${ACCESS[auth].padEnd(access)}  `
    print(`${kleur.bold(id.padEnd(names))}  ${ACCESS[auth].padEnd(access)}  ${clipped(about, row.length)}`)
  }
  print(`\nAdd one with: mcp-gw add ${found.length === 1 ? found[0]?.id : '<name>'}`)
}
