/** A server as one generation treats it: how calls reach it, and which of its tools exist. */
import { type Call, compose, type Handler } from '../call/call.ts'
import { interceptors } from '../interceptors/order.ts'
import { globMatcher } from '../std/glob.ts'
import type { ServerOptions } from '../upstream/options.ts'
import type { Server } from '../upstream/server.ts'

export interface Member {
  readonly server: Server
  /** What the config says of it; an instance that runs may have been started under other words. */
  readonly options: ServerOptions
  readonly handler: Handler
  readonly allowed: (tool: string) => boolean
  /** Another server is starting that will take its place. */
  readonly changing: boolean
}

export function createMember(server: Server, options: ServerOptions, changing: boolean): Member {
  const allow = options.tools.allow ? globMatcher(options.tools.allow) : () => true
  const deny = globMatcher(options.tools.deny)
  const innermost: Handler = async ({ exchange, edits }) => {
    const instance = server.held(exchange.client) ?? (await server.acquire(exchange.client))
    return instance.request(exchange, edits, options.timeout)
  }
  const { traffic, underWay } = server
  const harmless = ({ exchange, route }: Call): boolean => {
    const tool = server.shown.listing(exchange.client)?.tools.find((one) => one.key === route.target)
    return tool !== undefined && isHarmless(tool.bytes)
  }
  const handler = compose(interceptors({ traffic, underWay, harmless }), innermost)
  return { server, options, handler, allowed: (tool) => allow(tool) && !deny(tool), changing }
}

/** Whether a tool says that it only reads, or that calling it twice is calling it once (specification: ToolAnnotations). */
function isHarmless(definition: Buffer): boolean {
  const { annotations } = JSON.parse(definition.toString()) as {
    annotations?: { readOnlyHint?: unknown; idempotentHint?: unknown }
  }
  return annotations?.readOnlyHint === true || annotations?.idempotentHint === true
}
