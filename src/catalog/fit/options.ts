/** What the config may say of what clients can take. */
import * as z from 'zod'
import { size } from '../../std/size.ts'
import { LIST_CHANGES } from './fit.ts'
import { PASS_NAMES } from './passes.ts'

export const clientOptions = z.strictObject({
  tool_name: z
    .int()
    .min(16)
    .optional()
    .meta({ description: 'The longest name of a tool, in characters; longer ones are not listed.' }),
  tools: z.int().min(1).optional().meta({ description: 'With more tools than this, a surface of mode `auto` is `search`.' }),
  description: z.int().min(16).optional().meta({ description: 'Characters of the description of a tool; longer ones are cut.' }),
  schemas: z.array(z.enum(PASS_NAMES)).optional().meta({
    description: 'What is changed in the schemas of tools; `[]` leaves them as they are. `mcp-gw explain` tells what each does.',
  }),
  formats: z.array(z.string()).optional().meta({ description: 'The formats that it knows, where `schemas` has `formats`.' }),
  results: z.int().min(1).optional().meta({ description: 'Tokens of a result that it takes.' }),
  list_changes: z.enum(LIST_CHANGES).optional().meta({
    description: 'What it does when it is told of another list. One that `resets` its approvals keeps its first list of tools.',
  }),
  tool_search: z.boolean().optional().meta({ description: 'It has a search for tools of its own.' }),
  instructions: z
    .strictObject({
      server: size.optional().meta({ description: 'Bytes of the instructions of one server.' }),
      all: size.optional().meta({ description: 'Bytes of the instructions of all servers together.' }),
    })
    .prefault({})
    .meta({ description: 'How much it keeps of the instructions of servers.' }),
})

export type ClientOptions = z.output<typeof clientOptions>
