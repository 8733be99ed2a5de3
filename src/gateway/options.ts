/** What the config may say about client sessions and the end of the process. */
import * as z from 'zod'
import { duration } from '../std/duration.ts'

export const sessionOptions = z.strictObject({
  idle: duration.prefault('30m').meta({ description: 'A client session that has been silent for so long is ended.' }),
  max: z.int().min(1).default(10_000).meta({ description: 'How many client sessions may be open at once.' }),
})

export const statelessOptions = z.strictObject({
  clients: z
    .int()
    .min(1)
    .default(10_000)
    .meta({ description: 'How many clients that have no session may be served at once; alike ones count once.' }),
  streams: z
    .int()
    .min(0)
    .default(10_000)
    .meta({ description: 'On how many streams such clients may listen for changes at once (`subscriptions/listen`).' }),
  parked: z.int().min(1).default(100).meta({
    description:
      'How many calls of such clients may wait for an answer to a question of a server; then the oldest is given up. A server that is a program keeps a process of its own for each of its calls that waits.',
  }),
  answer: duration.prefault('10m').meta({ description: 'How long such a call waits for the answer.' }),
})

export const shutdownOptions = z.strictObject({
  grace: duration
    .prefault('10s')
    .meta({ description: 'How long calls may go on after SIGINT or SIGTERM, or on a server that a reload takes away.' }),
})

export type SessionOptions = z.output<typeof sessionOptions>
export type StatelessOptions = z.output<typeof statelessOptions>
export type ShutdownOptions = z.output<typeof shutdownOptions>
