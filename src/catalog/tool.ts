/** What a server says of a tool. Nobody has checked it: every member but the name may be missing or of another kind. */

export interface Tool {
  readonly name: string
  readonly title?: unknown
  readonly description?: unknown
  readonly inputSchema?: unknown
  readonly annotations?: unknown
}

export interface ServerTools {
  readonly server: string
  readonly tools: readonly Tool[]
}

/** A member that should be a text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A member that should be an object; anything else counts as an empty one. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
