/** Takes away what clients put around a command that the gateway does by itself, and keeps what it would lose. */
import { shellSplit } from '../../std/shell-split.ts'
import type { System } from '../client.ts'
import type { ServerEntry } from './server-entry.ts'
import { plain } from './variables.ts'

/** Signs that a shell is really needed. */
const SHELL_SYNTAX = /[|&;<>()`^%$]/

/** The entry without `cmd /c`, `powershell -c` and the like, and with the variables that `docker -e NAME` takes from outside. */
export function unwrap(entry: ServerEntry, system: System): ServerEntry {
  return dockerVariables(withoutShell(entry, system))
}

function withoutShell(entry: ServerEntry, system: System): ServerEntry {
  const words = [entry.command ?? '', ...(entry.args ?? [])]
  const inner = innerWords(words, system)
  const [command, ...args] = inner ?? []
  if (command === undefined) return entry
  return { ...entry, command, args }
}

/** The words inside the wrapper; undefined where there is none, or it does more than to start one program. */
function innerWords(words: string[], system: System): string[] | undefined {
  const name = programName(words[0] ?? '')
  if (name === 'cmd') {
    const flags = words.slice(1).findIndex((word) => !/^\/[a-z]$/i.test(word))
    const given = words.slice(1, flags + 1)
    const rest = words.slice(flags + 1)
    const isCommand = flags > 0 && given.some((flag) => /^\/[ck]$/i.test(flag)) && !rest.some((word) => /[|&<>^%]/.test(word))
    return isCommand ? oneOrMany(rest) : undefined
  }
  if (name === 'powershell' || name === 'pwsh') {
    const at = words.findIndex((word) => /^-c(?:ommand)?$/i.test(word))
    const rest = words.slice(at + 1)
    return at > 0 && !rest.some((word) => SHELL_SYNTAX.test(plain(word))) ? oneOrMany(rest) : undefined
  }
  // On Windows itself, this is the only way into the other system.
  if (name === 'wsl' && system !== 'win32') {
    const rest = words.slice(1)
    while (/^(?:-d|--distribution|-u|--user|--cd)$/.test(rest[0] ?? '')) rest.splice(0, 2)
    if (/^(?:--|-e|--exec)$/.test(rest[0] ?? '')) rest.shift()
    return rest.length > 0 && !rest[0]?.startsWith('-') ? rest : undefined
  }
  return undefined
}

/** `cmd /c "npx -y server"` is one word that means three. */
function oneOrMany(words: string[]): string[] | undefined {
  const [only] = words
  if (words.length !== 1 || only === undefined || !/\s/.test(only)) return words
  const split = shellSplit(only)
  return 'error' in split || only.includes('\\') ? undefined : split
}

/** The name of a program without its folder and without `.exe` or `.cmd`, in small letters. */
export function programName(command: string): string {
  const name = command.split(/[\\/]/).at(-1) ?? ''
  return name.toLowerCase().replace(/\.(?:exe|cmd|bat|ps1)$/, '')
}

/** Docker takes `-e NAME` from the environment that it is started in, which is a small one here. */
function dockerVariables(entry: ServerEntry): ServerEntry {
  const args = entry.args ?? []
  if (!['docker', 'podman', 'nerdctl'].includes(programName(entry.command ?? '')) || entry.inherit === 'all') return entry
  const named = args.flatMap((arg, i) => {
    const inline = /^(?:--env=|-e=?)(.+)$/.exec(arg)?.[1]
    const name = inline ?? (arg === '-e' || arg === '--env' ? args[i + 1] : undefined)
    return name !== undefined && /^[A-Za-z_]\w*$/.test(name) ? [name] : []
  })
  const missing = named.filter((name) => entry.env?.[name] === undefined && !entry.inherit?.includes(name))
  return missing.length > 0 ? { ...entry, inherit: [...(entry.inherit ?? []), ...missing] } : entry
}
