/** A client's request as a stateless server gets it: the bytes it came in with what has to stand elsewise, and its headers. */
import { withEnvelope } from '../../protocol/envelope.ts'
import { insertMembers } from '../../protocol/members.ts'
import { type Chunks, type Edit, type JsonObject, type Message, splice } from '../../protocol/message.ts'
import { hasNameHeader, nameHeaderOf } from '../../protocol/mirrored-headers.ts'
import type { HttpHeaders } from '../request-head.ts'
import { argumentHeaders, type Mirror } from './mirror.ts'

interface Writing {
  readonly source: Message
  /** What the gateway changes for this server, such as the tool's name. */
  readonly edits: readonly Edit[]
  readonly id: number
  readonly version: string
  /** The members of an envelope; undefined where the request has one. */
  readonly envelope: string | undefined
  /** Members of `params` that answer what the server asked; undefined in the first round. */
  readonly answers: string | undefined
}

export function written({ source, edits, id, version, envelope, answers }: Writing): Chunks {
  const { bytes, idStart, idEnd, tokenStart, tokenEnd, claimStart, claimEnd, paramsStart } = source
  const own = [...edits, { start: idStart, end: idEnd, json: String(id) }]
  if (tokenStart >= 0) own.push({ start: tokenStart, end: tokenEnd, json: String(id) })
  const claim = JSON.stringify(version)
  if (claimStart >= 0 && source.text(claimStart, claimEnd) !== claim) own.push({ start: claimStart, end: claimEnd, json: claim })
  const added = envelope === undefined ? [] : withEnvelope(source, envelope)
  // Asked again are only requests with parameters: that of the name, if no other.
  if (answers !== undefined && paramsStart >= 0) own.push(insertMembers(bytes, paramsStart, answers))
  return splice(bytes, [...own, ...added])
}

/** The headers of the same request. */
export function headersOf(
  mirror: Mirror,
  { source, edits, version, chunks }: Pick<Writing, 'source' | 'edits' | 'version'> & { chunks: Chunks },
): HttpHeaders {
  const { method } = source
  const name = hasNameHeader(method) ? nameOf(source, edits) : undefined
  const headers = mirror.headers({ version, method, name })
  const params = method === 'tools/call' && name !== undefined ? mirror.paramsOf(name) : undefined
  if (!params) return headers
  const sent = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { params?: JsonObject }
  return { ...headers, ...argumentHeaders(params, sent.params?.arguments) }
}

/** The name or URI as the server knows it. */
export function nameOf(source: Message, edits: readonly Edit[]): string | undefined {
  const start = source.method === 'resources/read' ? source.uriStart : source.nameStart
  const edit = start < 0 ? undefined : edits.find((one) => one.start === start)
  return edit ? String(JSON.parse(edit.json)) : nameHeaderOf(source)
}
