/** What the config may say about the names and texts that clients see. */
import * as z from 'zod'
import { size } from '../std/size.ts'

export const catalogOptions = z.strictObject({
  name_length: z.int().min(16).max(128).default(48).meta({
    description:
      'The longest exposed name; a longer one is cut and gets a stable 4-character hash. Clients add a prefix of their own.',
  }),
  instructions: size.prefault('4KB').meta({
    description:
      'How many bytes the instructions of all servers together may take; fewer for clients that keep less (`clients.<name>.instructions`).',
  }),
  pages: z.int().min(1).max(10_000).default(100).meta({ description: 'How many pages of one list are read from a server.' }),
})

export type CatalogOptions = z.output<typeof catalogOptions>
