/** Carries the plan out: secrets first, then our config, then each client; one client that fails does not stop the others. */
import { applyExport } from '../../clients/export/apply.ts'
import type { ExportPlan } from '../../clients/export/request.ts'
import type { Machine } from '../../clients/machine.ts'
import { undo } from '../../clients/undo.ts'
import { addServer } from '../../config/edit/edit.ts'
import { sequence } from '../../config/edit/page.ts'
import type { ConfigEditing } from '../config-editing.ts'
import { Exit } from '../exit.ts'
import type { SecretKeeper } from '../secret-keeper.ts'
import type { InitPlan } from './plan.ts'

export interface AppliedClient {
  plan: ExportPlan
  /** Files that were changed. */
  changed: string[]
  errors: string[]
}

/** Writes everything. Where somebody interrupts it, the file at hand is finished and everything of this run is undone. */
export async function apply(
  plan: InitPlan,
  { editing, keeper, machine }: { editing: ConfigEditing; keeper: SecretKeeper; machine: Machine },
  done: (client: AppliedClient) => void,
): Promise<AppliedClient[]> {
  const interruption = interruptions()
  try {
    await writeConfig(plan, editing, keeper)
    const clients: AppliedClient[] = []
    for (const one of plan.exports) {
      if (interruption.came) break
      const client = await applyClient(one, editing, machine)
      clients.push(client)
      done(client)
    }
    if (!interruption.came) return clients
    await undo(editing.history, { run: editing.runId })
    await keeper.takeBack()
    throw new Exit(130, 'cancelled; everything that was done is undone')
  } finally {
    interruption.end()
  }
}

async function writeConfig({ change, servers }: InitPlan, editing: ConfigEditing, keeper: SecretKeeper): Promise<void> {
  if (!change) return
  const context = keeper.context()
  await keeper.store()
  try {
    const edit = sequence(servers.map(({ name, entry }) => addServer(name, entry)))
    await editing.make(
      edit,
      servers.map(({ name }) => name),
      context,
    )
  } catch (error) {
    await keeper.takeBack()
    throw error
  }
}

async function applyClient(plan: ExportPlan, editing: ConfigEditing, machine: Machine): Promise<AppliedClient> {
  const options = { history: editing.history, machine, runId: editing.runId, reason: 'init' }
  const files = plan.problems.length > 0 && plan.files.length === 0 ? [] : await applyExport(plan, options)
  return {
    plan,
    changed: files.flatMap(({ path, edited }) => (edited?.changed ? [path] : [])),
    errors: [...plan.problems, ...files.flatMap(({ error }) => error ?? [])],
  }
}

/** Notes that somebody wants to leave; a second time leaves at once, and the journal allows to undo later. */
function interruptions(): { readonly came: boolean; end(): void } {
  const state = { came: false, end: () => void process.off('SIGINT', heard) }
  const heard = (): void => {
    if (state.came) process.exit(130)
    state.came = true
  }
  process.on('SIGINT', heard)
  return state
}
