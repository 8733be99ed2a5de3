/** Reads servers out of a text that somebody has pasted: JSON or TOML from a README, or the file of any client. */
import { importFile } from '../../clients/import/import-file.ts'
import type { Need } from '../../clients/import/variables.ts'
import { Exit } from '../exit.ts'
import { type Around, fromEntry, type Proposal } from './proposal.ts'
import { inferName } from './request.ts'

/** The servers in the text; ends the command where there are none. `name` is for the only one. */
export async function fromPasted(text: string, name: string | undefined, around: Around): Promise<Proposal[]> {
  const { servers, skipped, problems } = await importFile(text, {
    machine: around.machine,
    own: { urls: around.own },
    ...(name !== undefined && { name }),
  })
  const [problem] = problems
  if (problem) throw new Exit(2, problem.message)
  const left = skipped.map(({ origin, reason }) => `${origin.name || 'the server'} is left out: ${reason}`)
  if (servers.length === 0) throw new Exit(2, left.join('\n') || 'the pasted text holds no servers')
  for (const line of left) process.stderr.write(`${line}\n`)
  if (name !== undefined && servers.length > 1) {
    throw new Exit(
      2,
      `the text holds ${servers.length} servers (${servers.map((one) => one.name).join(', ')}), so none can be called ${name}`,
    )
  }
  return servers.map((server) => {
    const own = server.origins[0]?.name
    const proposal = fromEntry(server.entry, name ?? (own ? server.name : inferName(server.entry)), true, around)
    const known = proposal.inputs.map((input) => input.name)
    const inputs = server.needs.filter((need) => need.from !== 'environment' && !known.includes(need.variable)).map(inputOf)
    return {
      ...proposal,
      inputs: [...proposal.inputs, ...inputs],
      notes: [...server.notes.map((note) => `${note.text}.`), ...proposal.notes],
    }
  })
}

function inputOf({ variable, description }: Need): Proposal['inputs'][number] {
  return { name: variable, required: true, secret: true, ...(description !== undefined && { about: description }) }
}
