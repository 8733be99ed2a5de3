/** What one entry of `servers:` may say. */
import * as z from 'zod'
import { duration } from '../std/duration.ts'
import { text } from '../std/secret.ts'

const globs = z.array(z.string().min(1))

const toolFilter = z.strictObject({
  allow: globs.optional().meta({ description: 'Globs of the tool names that may be listed and called; without it, all.' }),
  deny: globs
    .default([])
    .meta({ description: 'Globs of the tool names that are neither listed nor callable; stronger than allow.' }),
})

const quirks = z.strictObject({
  normalize_sse_events: z.boolean().default(false).meta({
    description: 'Accept answers in SSE events of any name and in bare JSON lines, from servers that do not name them `message`.',
  }),
  inject_accept_header: z.string().optional().meta({
    description: 'Send this Accept header instead of `application/json, text/event-stream`, for servers that refuse the pair.',
  }),
})

const reconnect = z.strictObject({
  base: duration.prefault('1s').meta({ description: 'The longest first pause.' }),
  max: duration.prefault('60s').meta({ description: 'The longest pause of all.' }),
  attempts: z
    .int()
    .min(0)
    .default(0)
    .meta({ description: 'Give up after so many failures in a row, until `mcp-gw reconnect`; 0 never does.' }),
})

const health = z.strictObject({
  interval: duration.prefault('30s').meta({
    description:
      'How long an awake instance may be silent before it is sent a ping. Without `health:` in its entry, no server is sent any.',
  }),
  timeout: duration.prefault('5s').meta({
    description: 'How long the answer may take. A server that answers nothing while it works needs more than its longest call.',
  }),
  failures: z.int().min(1).default(3).meta({
    description: 'So many pings in a row without an answer, and the instance counts as crashed: it is ended and started again.',
  }),
  successes: z.int().min(1).default(1).meta({
    description: 'In so many checks in a row it must answer after that, its start included, until `/health` calls it healthy.',
  }),
})

/** The spellings of `type` that clients and READMEs use. */
const serverTypes = ['stdio', 'http', 'streamable-http', 'streamableHttp', 'streamable_http', 'sse'] as const

export const serverOptions = z.strictObject({
  command: text
    .optional()
    .meta({ description: 'The program to start. One text with arguments is split as a shell would split it, without a shell.' }),
  args: z.array(text).default([]).meta({ description: 'Its arguments.' }),
  env: z
    .record(z.string(), text)
    .default({})
    .meta({ description: 'Environment variables it gets beside the few that every child gets.' }),
  inherit: z
    .union([z.enum(['all']), z.array(z.string().min(1))])
    .default([])
    .meta({ description: 'Names of variables that it gets from our own environment too; `all` for every one.' }),
  cwd: text.optional().meta({ description: 'The folder it starts in; `~` is your home.' }),
  url: text.optional().meta({ description: 'Where it listens, for a server reached over HTTP.' }),
  headers: z.record(z.string(), text).default({}).meta({ description: 'HTTP headers sent with every request to it.' }),
  type: z.enum(serverTypes).optional().meta({
    description:
      'The transport: `stdio`, or of a `url` Streamable HTTP (all spellings of it) or HTTP+SSE; found out when left out.',
  }),
  protocol: z.enum(['auto', 'session', 'stateless']).default('auto').meta({
    description:
      'The era of MCP that it is spoken to in: `stateless` is 2026-07-28, `session` everything before it; `auto` finds out.',
  }),
  disabled: z.boolean().default(false).meta({ description: 'Keep the entry, do not use it.' }),
  required: z.boolean().default(false).meta({ description: '`serve` fails to start when this server does not.' }),
  timeout: duration.prefault('60s').meta({ description: 'How long a request may stay silent; progress starts it anew.' }),
  start_timeout: duration.prefault('30s').meta({ description: 'How long it may take to start and answer `initialize`.' }),
  idle: z
    .union([z.literal('never'), duration])
    .prefault('5m')
    .meta({ description: 'How long it may be unused before it sleeps, to be woken by its next use; `never` keeps it awake.' }),
  keep: z
    .boolean()
    .default(false)
    .meta({ description: 'Start it with the gateway and never let it sleep, not even to save `memory`.' }),
  prewarm: z.boolean().default(false).meta({ description: 'Start it with the gateway, although its tools are known.' }),
  reconnect: reconnect
    .prefault({})
    .meta({ description: 'When to try again after it failed to start or died at once. The pauses double, with jitter.' }),
  health: health.optional().meta({
    description: 'Ask the server whether it still answers when it was silent for long, and replace it where it does not.',
  }),
  instances: z.enum(['shared', 'session', 'workspace']).default('shared').meta({
    description:
      '`shared`: clients of the same capabilities share one instance; `session`: every client session has its own; `workspace`: those that work in the same folders share one, which runs there.',
  }),
  tools: toolFilter.prefault({}).meta({ description: 'Which of its tools exist for clients.' }),
  tls_skip_verify: z.boolean().default(false).meta({ description: 'Accept any TLS certificate from it. For test servers only.' }),
  quirks: quirks.prefault({}).meta({ description: 'Concessions to servers that bend the protocol.' }),
})

/** One server as the config settled it. Durations are milliseconds. */
export type ServerOptions = z.output<typeof serverOptions>
