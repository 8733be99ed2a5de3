/** What helps against the failures of servers that people meet most. */
import type { ServerEntry } from '../clients/import/server-entry.ts'
import { programName } from '../clients/import/wrappers.ts'

/** How to get the programs that start servers. */
const INSTALL: Readonly<Record<string, string>> = {
  uvx: 'Install uv, which brings uvx: https://docs.astral.sh/uv/',
  uv: 'Install uv: https://docs.astral.sh/uv/',
  pipx: 'Install pipx: https://pipx.pypa.io/',
  npx: 'Install Node, which brings npx: https://nodejs.org/',
  bunx: 'Install Bun, which brings bunx: https://bun.sh/',
  deno: 'Install Deno: https://deno.com/',
  docker: 'Install Docker, or start it: https://docs.docker.com/get-docker/',
  podman: 'Install Podman: https://podman.io/',
  python: 'Install Python: https://www.python.org/',
  python3: 'Install Python: https://www.python.org/',
  dnx: 'Install .NET 10, which brings dnx: https://dotnet.microsoft.com/',
  go: 'Install Go: https://go.dev/',
}

/** One sentence that says what to do about a failure, where we know something better than its message. */
export function mendFor(error: string, entry: ServerEntry, docs?: string): string | undefined {
  const program = programName(entry.command ?? '')
  if (/was not found in PATH|ENOENT/.test(error) && Object.hasOwn(INSTALL, program)) return INSTALL[program]
  if (/Cannot connect to the Docker daemon|docker\.sock/i.test(error)) return 'Docker is not running; start it.'
  if (/\b(?:E404|404 Not Found)\b[\s\S]*(?:npm|registry)|npm (?:ERR!|error)[\s\S]*404/i.test(error))
    return 'npm knows no such package; is it spelled right?'
  if (/\bETARGET\b|No matching version found/.test(error)) return 'The package has no such version.'
  if (/answered 40[13]\b/.test(error)) return keyText(entry, docs)
  if (/\b(?:ENOTFOUND|EAI_AGAIN|ETIMEDOUT)\b|host name is unknown|could not be looked up/.test(error))
    return 'Is this machine online, and is the address right?'
  if (/(?:api[_ -]?key|token|credential)s?\b.{0,40}\b(?:required|missing|not set|must be)/i.test(error) && docs)
    return `It wants a key: ${docs}`
  return undefined
}

function keyText({ headers = {} }: ServerEntry, docs: string | undefined): string {
  const where = docs ? ` (${docs})` : ''
  return Object.keys(headers).length > 0
    ? `Its key is wrong or has run out${where}.`
    : `It wants a key${where}: add -H "Authorization: Bearer …". Signing in with a browser is not available yet.`
}
