/** The gateway's token in a client's file: by the name of a variable where that is possible, in plain text only where it must be. */
import { shortPath } from '../../std/paths.ts'
import type { ConfigFile, HttpTarget } from '../client.ts'
import { type Machine, pathOf } from '../machine.ts'
import type { ExportNote, ExportRequest, FilePlan } from './request.ts'

/** How the client reaches the gateway over HTTP; `literal` where the token itself stands in the file. */
export function httpTarget({ client, gateway }: ExportRequest, file: ConfigFile): { http: HttpTarget; literal: boolean } {
  const { url, token } = gateway
  const plain: HttpTarget = { url, headers: {} }
  if (!token) return { http: plain, literal: false }
  const { variable, value } = token
  if (variable !== undefined && client.reference)
    return { http: { url, headers: { Authorization: `Bearer ${client.reference(variable)}` } }, literal: false }
  if (variable !== undefined && client.namesToken) return { http: { ...plain, tokenVariable: variable }, literal: false }
  // What anybody may clone must not hold a token.
  if (value === undefined || file.shared) return { http: plain, literal: false }
  return { http: { url, headers: { Authorization: `Bearer ${value.reveal()}` } }, literal: true }
}

/** What a person should know about the token. */
export async function tokenNotes(
  request: ExportRequest,
  mode: 'http' | 'stdio',
  files: readonly FilePlan[],
): Promise<ExportNote[]> {
  const { gateway, client, machine, scope } = request
  if (!gateway.token || mode !== 'http') return []
  const { variable } = gateway.token
  const written = files.filter(({ secret }) => secret)
  const notes: ExportNote[] = []
  for (const { path } of written) {
    const shown = shortPath(path, machine.home)
    notes.push({ text: `${shown} holds the token of the gateway, so only you may read it` })
    const repository = await repositoryOf(path, machine)
    if (repository !== undefined) {
      const where = shortPath(repository, machine.home)
      notes.push({
        text: `${shown} lies in the repository ${where}: do not commit it, or use --mode stdio, which needs no token there`,
      })
    }
  }
  if (written.length === 0 && variable === undefined && scope === 'project')
    notes.push({
      text: `the file of the project holds no token; ${client.name} will be refused until each person adds one, or use --mode stdio`,
    })
  if (written.length === 0 && variable !== undefined)
    notes.push({ text: `${client.name} takes the token from ${variable}, which must be set where it starts` })
  return notes
}

/** The repository that a file, or what it links to, lies in. */
async function repositoryOf(path: string, machine: Machine): Promise<string | undefined> {
  const { dirname, join } = pathOf(machine)
  let folder = dirname(await machine.files.real(path))
  for (;;) {
    if ((await machine.files.kind(join(folder, '.git'))) !== undefined) return folder
    const above = dirname(folder)
    if (above === folder) return undefined
    folder = above
  }
}
