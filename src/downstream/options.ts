/** What the config may say about the endpoint that clients reach. */
import * as z from 'zod'
import { size } from '../std/size.ts'

export const listenOptions = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').meta({ description: 'The address to listen on.' }),
  port: z.int().min(0).max(65_535).default(39_400).meta({ description: 'The port to listen on; 0 takes any free one.' }),
  hosts: z
    .array(z.string())
    .default([])
    .meta({ description: 'Host names, beside loopback and `listen.host`, under which clients may reach the gateway.' }),
  origins: z
    .array(z.string())
    .default([])
    .meta({ description: 'Web origins, beside loopback, whose pages may call the gateway.' }),
  insecure: z.boolean().default(false).meta({
    description: 'Allow a `listen.host` that other machines can reach, although the gateway does not authenticate them.',
  }),
  body: size.prefault('4MB').meta({ description: 'The largest request body that a client may send.' }),
})

export type ListenOptions = z.output<typeof listenOptions>
