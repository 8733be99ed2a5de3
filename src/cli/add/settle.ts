/** Makes of each proposal an entry that can be written: its values found, its secrets out of it, and what it changes known. */
import { isDeepStrictEqual } from 'node:util'
import { readEntry } from '../../clients/import/read-entry.ts'
import { runKey } from '../../clients/import/same.ts'
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import { mapTexts } from '../../clients/import/texts.ts'
import { thisMachine } from '../../clients/machine.ts'
import { addServer, readServer, readServerNames, replaceServer } from '../../config/edit/edit.ts'
import type { Edit } from '../../config/edit/page.ts'
import type { Input } from '../../config/known-servers.ts'
import { Exit } from '../exit.ts'
import type { Questions } from '../interactive.ts'
import type { SecretKeeper } from '../secret-keeper.ts'
import { fillInputs, variablesOf, withInputs } from './inputs.ts'
import type { Proposal } from './proposal.ts'

/** `same`: the config has it, just like that. `differs`: it has another one of this name. */
export type Standing = 'new' | 'same' | 'differs'

export interface Settled {
  name: string
  entry: ServerEntry
  standing: Standing
  proposal: Proposal
}

export interface Settling {
  /** The text of the config as it is. */
  text: string
  given: Readonly<Record<string, string>>
  /** What the config may take variables from. */
  env: NodeJS.ProcessEnv
  questions: Questions | undefined
  keeper: SecretKeeper
  tell(line: string): void
}

export async function settleProposal(proposal: Proposal, settling: Settling): Promise<Settled> {
  const { name, docs } = proposal
  const { text, given, env, questions, keeper, tell } = settling
  const inputs = [...proposal.inputs, ...unsetIn(proposal, settling)]
  // Once told before the questions, it need not be told again where the server does not work.
  let background = proposal.background
  const filled = await fillInputs(inputs, {
    given,
    env,
    questions,
    tell: () => {
      const keys = inputs.filter(({ secret }) => secret).map((input) => input.name)
      for (const line of background) tell(line)
      if (docs && keys.length > 0) tell(`Where to get ${keys.join(' and ')}: ${docs}`)
      background = []
    },
  })
  if (filled.missing.length > 0)
    throw new Exit(
      2,
      missingText(
        name,
        filled.missing.map((input) => input.name),
        docs,
      ),
    )
  let entry = withInputs(proposal.entry, inputs, filled.values)
  for (const { name: variable, secret } of inputs) {
    const value = filled.values.get(variable)
    if (!secret || value === undefined || value === 'environment') continue
    const reference = await keeper.take(variable, value.value, name)
    entry = mapTexts(entry, (text) => text.replaceAll(`\${${variable}}`, () => reference))
  }
  entry = await keeper.relieve(entry, name)
  const there = readServer(text, '', name)
  const twin = there === undefined ? twinOf(entry, text) : undefined
  if (twin !== undefined) tell(`${name}: the config has the same server as ${twin}.`)
  const isSame =
    isDeepStrictEqual(there, JSON.parse(JSON.stringify(entry))) && !keeper.kept.some((one) => one.server === name && one.replaces)
  return {
    name,
    entry,
    standing: there === undefined ? 'new' : isSame ? 'same' : 'differs',
    proposal: { ...proposal, background },
  }
}

/** The variables that it takes from the environment, which has none of them. */
function unsetIn({ entry, inputs }: Proposal, { env }: Settling): Input[] {
  const unset = variablesOf(entry).filter((name) => env[name] === undefined && !inputs.some((input) => input.name === name))
  return unset.map((name) => ({ name, required: true, secret: true }))
}

/** Another server of the config that runs just the same. */
function twinOf(entry: ServerEntry, text: string): string | undefined {
  const around = { machine: thisMachine(process.env, process.cwd()), project: undefined, folder: process.cwd() }
  return readServerNames(text, '').find((other) => {
    const read = readEntry(readServer(text, '', other), { variables: 'ours' }, around)
    return 'entry' in read && runKey(read.entry) === runKey(entry)
  })
}

/** The edit that brings it into the config. */
export function editFor({ name, entry, standing }: Settled): Edit {
  return standing === 'new' ? addServer(name, entry) : replaceServer(name, entry)
}

function missingText(name: string, missing: readonly string[], docs: string | undefined): string {
  const flags = missing.map((one) => `-e ${one}=…`).join(' ')
  const where = docs ? `\n  where to get it: ${docs}` : ''
  return `${name} needs ${missing.join(' and ')}, and there is no terminal to ask for it; give it: ${flags}${where}`
}
