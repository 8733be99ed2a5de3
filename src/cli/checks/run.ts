/** Runs checks side by side, each with a limit of its own; one that breaks is a finding like any other. */
import { withoutName } from '../terminal.ts'
import type { Around } from './around.ts'
import type { Check, Finding, Group, Row } from './check.ts'

const TIMEOUT_MS = 5_000

export interface Chosen {
  group: Group
  check: Check
}

/** All rows, in the order of the checks. */
export async function runChecks(chosen: readonly Chosen[], around: Around): Promise<Row[]> {
  const rows = await Promise.all(
    chosen.map(async ({ group, check }) => {
      const { id, title } = check
      const found = await findingsOf(check, around)
      return found.map((finding): Row => ({ id, title, group: group.name, ...finding }))
    }),
  )
  return rows.flat()
}

async function findingsOf(check: Check, around: Around): Promise<Finding[]> {
  const { title, remote, timeoutMs = TIMEOUT_MS } = check
  if (remote && around.offline) return [{ status: 'skip', subject: title, message: 'left out by --offline' }]
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Finding[]>((resolve) => {
    const message = `did not end within ${timeoutMs / 1_000} s`
    timer = setTimeout(() => resolve([{ status: 'error', subject: title, message: `check failed: ${message}` }]), timeoutMs)
  })
  try {
    return await Promise.race([Promise.resolve().then(() => check.run(around)), late])
  } catch (error) {
    const why = withoutName(title, (error as Error).message ?? String(error))
    return [{ status: 'error', subject: title, message: `check failed: ${why}` }]
  } finally {
    clearTimeout(timer)
  }
}

/** The checks that `--only` names, by group or id; or the word that names none. */
export function chooseChecks(groups: readonly Group[], only: string | undefined): Chosen[] | { unknown: string } {
  const all = groups.flatMap((group) => group.checks.map((check) => ({ group, check })))
  if (only === undefined) return all
  const words = only.split(',').map((word) => word.trim().toLowerCase())
  const chosen = new Set<Chosen>()
  for (const word of words) {
    const meant = all.filter(({ group, check }) => {
      const id = check.id.toLowerCase()
      return group.name === word || id === word || id === `mgw-${word}`
    })
    if (meant.length === 0) return { unknown: word }
    for (const one of meant) chosen.add(one)
  }
  return all.filter((one) => chosen.has(one))
}
