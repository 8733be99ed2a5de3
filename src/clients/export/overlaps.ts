/** Keeps clients that read each other's files from having the gateway twice. */
import type { Client } from '../client.ts'
import type { ExportPlan } from './request.ts'

export interface Targets {
  write: Client[]
  /** Those that have the gateway already by way of another one. */
  skipped: { client: Client; reason: string }[]
  notes: string[]
}

/** Which of the chosen clients are written, in their order. */
export function settleTargets(chosen: readonly Client[], scope: 'user' | 'project'): Targets {
  const targets: Targets = { write: [], skipped: [], notes: [] }
  for (const client of chosen) {
    const source = chosen.find(({ readBy }) => readBy?.includes(client.id))
    const reason = source && `it reads the file of ${source.name}, where the gateway is written`
    // Where that other file is not all it reads, both get the same entry, which names one server.
    if (source && reason && READS_ALL.has(client.id)) targets.skipped.push({ client, reason })
    else {
      targets.write.push(client)
      if (source)
        targets.notes.push(`${client.name} reads the file of ${source.name} too; if it shows the gateway twice, remove one`)
    }
  }
  if (scope === 'project') targets.notes.push(...projectNotes(targets.write))
  return targets
}

/** Clients to which the other's file is as good as their own. */
const READS_ALL = new Set(['grok'])

/** Who else reads a file of the project. */
const PROJECT_READERS: Readonly<Record<string, string>> = {
  'claude-code': 'Claude Code, the Copilot CLI and other agents all read .mcp.json',
  vscode: 'Visual Studio reads .vscode/mcp.json too',
  cursor: 'Visual Studio reads .cursor/mcp.json too',
}

function projectNotes(clients: readonly Client[]): string[] {
  return clients.flatMap(({ id }) => PROJECT_READERS[id] ?? [])
}

/** The plans without the edits of a file that an earlier one makes already, because two clients share it. */
export function withoutRepeats(plans: readonly ExportPlan[]): ExportPlan[] {
  const seen = new Map<string, string>()
  return plans.map((plan) => {
    const repeated = plan.files.filter(({ path }) => seen.has(path))
    for (const { path } of plan.files) if (!seen.has(path)) seen.set(path, plan.client.name)
    const notes = repeated.map(({ path }) => ({ text: `${plan.client.name} shares its file with ${seen.get(path)}` }))
    return repeated.length === 0
      ? plan
      : { ...plan, files: plan.files.filter((file) => !repeated.includes(file)), notes: [...plan.notes, ...notes] }
  })
}
