/** The headers of a request of the stateless era, which its client, on stdio, has no use for (SEP-2243). */
import type { Message } from '../../protocol/message.ts'
import { encodeHeader, hasNameHeader, nameHeaderOf } from '../../protocol/mirrored-headers.ts'
import { readString } from '../../protocol/scan.ts'
import type { PostedHeaders } from './posted.ts'

/** Tells the gateway which requests come from one and the same client. It need not be secret, and node:crypto takes a megabyte. */
const CONNECTION = `${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
const ACCEPT = 'application/json, text/event-stream'

export function statelessHeaders(request: Message, cwd: string): PostedHeaders {
  const name = hasNameHeader(request.method) ? nameHeaderOf(request) : undefined
  const post = {
    accept: ACCEPT,
    'content-type': 'application/json',
    'mcp-method': encodeHeader(request.method),
    ...version(request),
    ...(name !== undefined && { 'mcp-name': encodeHeader(name) }),
    'mcp-gw-cwd': encodeURIComponent(cwd),
    'mcp-gw-connection': CONNECTION,
  }
  return { session: undefined, plain: { accept: ACCEPT }, post }
}

/** Without one where the body claims nonsense: that the gateway refuses, in words for the client. */
function version({ bytes, claimStart, claimEnd }: Message): { 'mcp-protocol-version'?: string } {
  if (bytes[claimStart] !== 0x22) return {}
  const claim = readString(bytes, claimStart, claimEnd)
  return /^[\w.-]+$/.test(claim) ? { 'mcp-protocol-version': claim } : {}
}
