/** What `init` is going to do: worked out in full before anything is written. */
import { bridgeCommand } from '../../clients/export/bridge-command.ts'
import { settleTargets, withoutRepeats } from '../../clients/export/overlaps.ts'
import { planExport } from '../../clients/export/plan.ts'
import type { ExportPlan } from '../../clients/export/request.ts'
import type { ImportedServer } from '../../clients/import/import.ts'
import type { Origin, ServerEntry } from '../../clients/import/server-entry.ts'
import type { Change } from '../../config/change.ts'
import { addServer } from '../../config/edit/edit.ts'
import { sequence } from '../../config/edit/page.ts'
import type { ConfigEditing } from '../config-editing.ts'
import { ownProgram } from '../own-program.ts'
import type { KeptSecret, SecretKeeper } from '../secret-keeper.ts'
import type { Answers } from './answers.ts'
import type { Survey } from './survey.ts'

export interface NewServer {
  name: string
  /** As it is going to stand in the config. */
  entry: ServerEntry
  origins: readonly Origin[]
  notes: string[]
}

export interface InitPlan {
  servers: NewServer[]
  /** What happens to the config; undefined where it stays as it is. */
  change: Change | undefined
  /** The names of the secrets that leave plain text, and where they go. */
  secrets: readonly Pick<KeptSecret, 'name' | 'place'>[]
  exports: ExportPlan[]
}

/** Works out the plan; secrets go to the keeper, who stores them when it is carried out. */
export async function planInit(
  survey: Survey,
  answers: Answers,
  editing: ConfigEditing,
  keeper: SecretKeeper,
): Promise<InitPlan> {
  const { imported } = survey
  const chosen = imported.servers.filter(({ name }) => answers.servers.includes(name))
  const servers: NewServer[] = []
  for (const server of chosen) servers.push(await newServer(server, answers, keeper))
  const edit = sequence(servers.map(({ name, entry }) => addServer(name, entry)))
  const isNew = servers.length > 0 || !survey.configExists
  const change = isNew ? await editing.plan(edit, keeper.context()) : undefined
  return { servers, change, secrets: keeper.kept, exports: await planExports(survey, answers, servers) }
}

async function newServer(server: ImportedServer, answers: Answers, keeper: SecretKeeper): Promise<NewServer> {
  const { name, origins, needs } = server
  const { values } = answers
  const notes = server.notes.map(({ text }) => text)
  const entry = await keeper.relieve(server.entry, name)
  if (answers.off[name])
    return { name, entry: { ...entry, disabled: true }, origins, notes: [...notes, `It is switched off: ${answers.off[name]}`] }
  for (const { variable } of needs) if (values[variable]) await keeper.take(variable, values[variable], name)
  const missing = needs.filter(({ variable, from }) => from !== 'environment' && !values[variable])
  if (missing.length === 0) return { name, entry, origins, notes }
  const list = missing.map(({ variable }) => variable).join(', ')
  const mend = `It is switched off until ${list} ${missing.length === 1 ? 'is' : 'are'} set; then: mcp-gw enable ${name}`
  return { name, entry: { ...entry, disabled: true }, origins, notes: [...notes, mend] }
}

/** The plans of the chosen clients, in the order of the survey. */
async function planExports(survey: Survey, answers: Answers, servers: readonly NewServer[]): Promise<ExportPlan[]> {
  const { found, machine, history, imported } = survey
  // What the config has already counts as taken over, too.
  const taken = [...servers, ...imported.known].flatMap(({ origins }) => origins)
  const named = found.filter(({ client }) => answers.clients.includes(client.id))
  const { write } = settleTargets(
    named.map(({ client }) => client),
    'user',
  )
  const chosen = named.filter(({ client }) => write.includes(client))
  const bridge = bridgeCommand(ownProgram(), machine, survey.configNamed)
  const plans = await Promise.all(
    chosen.map((one) =>
      planExport({
        client: one.client,
        gateway: { url: survey.url },
        bridge,
        mode: answers.mode,
        service: survey.service,
        scope: 'user',
        originals: answers.originals,
        taken,
        machine,
        found: one,
        history,
        create: true,
      }),
    ),
  )
  return withoutRepeats(plans)
}
