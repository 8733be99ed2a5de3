/** Puts a preview in the place of what is too large in the result of a tool. */

import type { Place } from '../../protocol/locate.ts'
import type { Message } from '../../protocol/message.ts'
import { resultOf } from '../../protocol/read.ts'
import { announce } from '../announce.ts'
import type { Services } from '../services.ts'
import type { Session } from '../session.ts'
import type { Surfaces } from '../surface.ts'
import { type Flood, floodOf, type ResultBody, readBody } from './body.ts'
import { LIMIT_MIN } from './options.ts'
import { type PreviewOptions, previews } from './preview.ts'
import { takenOut } from './write.ts'

/** Clients of older revisions fail on a block of a kind that they do not know. */
const LINKS_SINCE = '2025-06-18'
/** What else a result says stays in it up to so many bytes a member. */
const MEMBER_BYTES_MAX = 16_384

/**
 * The result as the session is to see it. Everything that is not too large stays, `isError` included; structured content stays
 * whole or is left out. Where nothing can be kept, the result passes whole: better a flood than a loss. `listed` is the name
 * under which the client has called the tool, where it knows the definition of the tool by its list.
 */
export async function spill(session: Session, reply: Message, services: Services, listed?: string): Promise<Message> {
  const { surfaces, usage, log } = services
  const bytes = reply.bodyEnd - reply.bodyStart
  if (bytes <= LIMIT_MIN) return reply
  const limit = surfaces.resultLimit(session)
  // No token is less than a byte.
  if (limit === undefined || bytes <= limit) return reply
  const body = readBody(reply)
  const flood = body && floodOf(body, { tokens: limit, media: session.endpoint.generation.options.results.media })
  if (!flood || (listed !== undefined && surfaces.promisesStructure(session, listed))) return reply
  try {
    const preview = await replaced(session, reply, { body, flood, limit }, services)
    if (!preview) return reply
    usage.kept(bytes - (preview.bodyEnd - preview.bodyStart))
    announce(session, services)
    return preview
  } catch (error) {
    // It may have had to make room for another one at the same moment.
    log.warn({ err: error }, 'a large result that was kept cannot be shown in part and passes whole')
    return reply
  }
}

interface Flooded {
  body: ResultBody
  flood: Flood
  /** Tokens that the result may take. */
  limit: number
}

/** Keeps the result, and gives what is shown instead; undefined where it cannot be kept. */
async function replaced(
  session: Session,
  reply: Message,
  { body, flood, limit }: Flooded,
  { results, surfaces }: Services,
): Promise<Message | undefined> {
  const contents = takenOut(body, flood)
  const kept = await results.keep(session, reply, contents)
  if (!kept) return undefined
  const { keep } = session.endpoint.generation.options.results
  const links = session.version >= LINKS_SINCE
  const blocks = await previews(kept, { limit, keep, links, tool: readerOf(session, surfaces), apart: results.apart })
  const shown = blocks.map((part) => part.map((block) => JSON.stringify(block)))
  return resultOf(contents ? withPreviews(body, flood, shown) : withContent(body, flood, shown.flat()))
}

/** On the direct surface nobody lists the tool that calls others, but who does not read a list again has no better way. */
function readerOf(session: Session, surfaces: Surfaces): PreviewOptions['tool'] {
  const { listChanges = 'obeyed' } = surfaces.fit(session)
  if (listChanges === 'obeyed') return 'gateway_read_result'
  return surfaces.choice(session).tiers ? 'gateway_invoke_read' : 'gateway_invoke'
}

/** Each preview in the place of what it stands for; that of the structured content comes last. */
function withPreviews(body: ResultBody, flood: Flood, shown: readonly string[][]): string {
  let next = 0
  const content = body.blocks.flatMap((block) => (flood.blocks.has(block) ? (shown[next++] ?? []) : [textAt(body, block.whole)]))
  return withContent(body, flood, [...content, ...shown.slice(next).flat()])
}

/** `content` is JSON, block by block. */
function withContent(body: ResultBody, flood: Flood, content: readonly string[]): string {
  const { structured, rest } = body
  const members = [`"content":[${content.join(',')}]`]
  if (structured && !flood.structured) members.push(`"structuredContent":${textAt(body, structured.place)}`)
  for (const { key, place } of rest) {
    if (place.end - place.start <= MEMBER_BYTES_MAX) members.push(`${JSON.stringify(key)}:${textAt(body, place)}`)
  }
  return `{${members.join(',')}}`
}

function textAt({ bytes }: ResultBody, { start, end }: Place): string {
  return bytes.toString('utf8', start, end)
}
