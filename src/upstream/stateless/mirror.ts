/** The headers by which an HTTP server of the stateless era knows a request without reading it (specification: Transports, Streamable HTTP). */
import type { Json } from '../../protocol/message.ts'
import {
  encodeHeader,
  mentionsParamHeaders,
  type ParamHeader,
  paramHeaders,
  paramValue,
} from '../../protocol/mirrored-headers.ts'
import type { HttpHeaders } from '../request-head.ts'

/** A tool as its server lists it. */
interface Tool {
  readonly key: string
  readonly bytes: Buffer
}

/** What of a request is repeated in its headers. */
export interface Mirrored {
  readonly version: string
  readonly method: string
  /** The name, URI or task that it is about, where its method has such a thing. */
  readonly name: string | undefined
}

/** Headers are kept for so many different requests, because those that were sent before are sent at less cost. */
const KNOWN_MAX = 1_000

export class Mirror {
  readonly #tools: () => readonly Tool[]
  readonly #known = new Map<string, HttpHeaders>()
  readonly #params = new WeakMap<readonly Tool[], ReadonlyMap<string, readonly ParamHeader[]>>()

  /** `tools` gives those that the server is known to have. */
  constructor(tools: () => readonly Tool[]) {
    this.#tools = tools
  }

  headers({ version, method, name }: Mirrored): HttpHeaders {
    const key = `${version} ${method} ${name}`
    const known = this.#known.get(key)
    if (known) return known
    const headers = {
      'mcp-protocol-version': version,
      'mcp-method': encodeHeader(method),
      ...(name !== undefined && { 'mcp-name': encodeHeader(name) }),
    }
    if (this.#known.size >= KNOWN_MAX) this.#known.clear()
    this.#known.set(key, headers)
    return headers
  }

  /** The arguments of this tool that are mirrored; undefined where there are none, as with most tools. */
  paramsOf(tool: string): readonly ParamHeader[] | undefined {
    const tools = this.#tools()
    let byTool = this.#params.get(tools)
    if (!byTool) {
      byTool = new Map(tools.filter(({ bytes }) => mentionsParamHeaders(bytes)).map((item) => [item.key, paramsIn(item)]))
      this.#params.set(tools, byTool)
    }
    return byTool.get(tool)
  }
}

/** The headers for the arguments that a tool wants mirrored. */
export function argumentHeaders(params: readonly ParamHeader[], args: Json | undefined): HttpHeaders {
  const headers: Record<string, string> = {}
  for (const param of params) {
    const value = paramValue(param, args)
    if (value !== undefined) headers[param.header] = encodeHeader(value)
  }
  return headers
}

/** The tools that may be offered over HTTP; `refused` is told of each other one, and why. */
export function offerable<Item extends Tool>(tools: readonly Item[], refused: (tool: string, error: Error) => void): Item[] {
  return tools.filter((item) => {
    if (!mentionsParamHeaders(item.bytes)) return true
    try {
      paramHeaders(schemaOf(item))
      return true
    } catch (error) {
      refused(item.key, error as Error)
      return false
    }
  })
}

/** None where the annotations are wrong: such a tool is not offered. */
function paramsIn(item: Tool): readonly ParamHeader[] {
  try {
    return paramHeaders(schemaOf(item))
  } catch {
    // It was left out of the list when that was read.
    return []
  }
}

function schemaOf({ bytes }: Tool): unknown {
  return (JSON.parse(bytes.toString()) as { inputSchema?: unknown }).inputSchema
}
