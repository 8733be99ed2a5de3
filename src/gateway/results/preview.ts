/** What stands in the place of something that was too large: its size, its form, its first and last lines, and how to get at it. */
import { estimateTokens } from '../../observe/tokens.ts'
import type { JsonObject } from '../../protocol/message.ts'
import { formatDuration } from '../../std/duration.ts'
import { formatSize } from '../../std/format-size.ts'
import type { Apart } from './apart/apart.ts'
import { imageSize } from './image-size.ts'
import { mayHaveOutline, outline } from './outline.ts'
import { excerpt, lastLines, readBytes } from './slice.ts'
import type { Kept, Part, Slice } from './store.ts'

/** Tokens of all previews of one result together. */
const PREVIEW_TOKENS_MAX = 1_200
/** The sizes of larger parts are counted on so much of their beginning. */
const COUNTED_BYTES_MAX = 1_048_576
/** What is larger is outlined by a process of its own. */
const OUTLINED_HERE_BYTES_MAX = 262_144
/** What is larger is outlined only when somebody asks for it. */
const OUTLINED_BYTES_MAX = 33_554_432
const LINES = 20
const LINE_BREAK = 0x0a

export const RESULT_URI = 'mcp-gw-result://'

/** By which a tool is called that is not in the list of a client. */
export type InvokeTool = 'gateway_invoke' | 'gateway_invoke_read'

export interface PreviewOptions {
  /** Tokens that a result may take. */
  limit: number
  /** How long it is kept after its last use, in milliseconds. */
  keep: number
  /** Whether the client knows blocks that point to a resource. */
  links: boolean
  /** Which tool the client has for it: it may not read its list again. */
  tool: 'gateway_read_result' | InvokeTool
  apart: Pick<Apart, 'do'>
}

/** The blocks for each part; the first one says how to get at all of them. */
export async function previews(kept: Kept, options: PreviewOptions): Promise<JsonObject[][]> {
  const tokens = Math.floor(Math.min(PREVIEW_TOKENS_MAX, options.limit / 4) / kept.parts.length)
  return Promise.all(kept.parts.map((part, index) => blocksFor(kept, part, { index, tokens, ...options })))
}

interface PartOptions extends PreviewOptions {
  index: number
  tokens: number
}

async function blocksFor(kept: Kept, part: Part, { index, tokens, ...options }: PartOptions): Promise<JsonObject[]> {
  const several = kept.parts.length > 1
  const what = await description(part)
  const about = [`${several ? `Part ${index} of a result` : 'This result'} is too large to be shown: ${what}.`]
  if (index === 0) about.push(howTo(kept, part, options))
  if (part.encoding !== 'base64') about.push(await sample(part, tokens, options.apart))
  const text = { type: 'text', text: about.join('\n\n') }
  const link = {
    type: 'resource_link',
    uri: partUri(kept, index),
    name: `${kept.handle.slice(0, 8)}-${index}`,
    ...described(part),
  }
  return options.links ? [text, { ...link, description: what }] : [text]
}

/** The resource that a part is; where there is but one, the result has no other. */
export function partUri({ handle, parts }: Kept, index: number): string {
  return parts.length === 1 ? RESULT_URI + handle : `${RESULT_URI}${handle}/${index}`
}

function described({ mimeType, bytes }: Part): JsonObject {
  return { mimeType, size: bytes }
}

function howTo({ handle, parts }: Kept, { encoding }: Part, { keep, tool }: PreviewOptions): string {
  const ops = encoding === 'base64' ? { op: 'read' } : { op: 'grep', query: '…' }
  const args = { handle, ...(parts.length > 1 && { part: 0 }), ...ops }
  const asked = tool === 'gateway_read_result' ? args : { tool: 'gateway_read_result', arguments: args }
  const others = encoding === 'base64' ? '' : ', or with read, jq, head, tail, outline'
  return (
    `All of it is kept for you, until ${formatDuration(keep)} after its last use. Look into it with ` +
    `${tool} ${JSON.stringify(asked)}${others}.`
  )
}

/** Its type and its sizes. */
async function description(part: Part): Promise<string> {
  if (part.encoding === 'base64') {
    const size = part.mimeType.startsWith('image/') ? await imageSize(part) : undefined
    return [part.mimeType, formatSize(part.bytes), size && `${size.width} × ${size.height} pixels`].filter(Boolean).join(', ')
  }
  const { lines, tokens } = await sizes(part)
  return `${formatSize(part.bytes)}, ${lines === 1 ? '1 line' : `${counted(lines)} lines`}, about ${counted(tokens)} tokens`
}

function counted(value: number): string {
  return value.toLocaleString('en-US')
}

/** Counted on the beginning where it is very large, and scaled up. */
async function sizes(part: Slice): Promise<{ lines: number; tokens: number }> {
  const head = await readBytes(part, 0, COUNTED_BYTES_MAX)
  const tokens = estimateTokens(head.toString())
  const scaled = head.length === 0 ? 0 : Math.round((tokens * part.bytes) / head.length)
  let lines = 0
  for (let from = 0; from < part.bytes; from += COUNTED_BYTES_MAX) {
    const piece = from === 0 ? head : await readBytes(part, from, COUNTED_BYTES_MAX)
    for (let at = piece.indexOf(LINE_BREAK); at >= 0; at = piece.indexOf(LINE_BREAK, at + 1)) lines++
    // What follows the last line break is a line, unless nothing does.
    if (from + piece.length >= part.bytes && piece.at(-1) !== LINE_BREAK) lines++
    if (piece.length === 0) break
  }
  return { lines, tokens: scaled }
}

/** The form of what is JSON, and the first and last lines. */
async function sample(part: Slice, tokens: number, apart: Pick<Apart, 'do'>): Promise<string> {
  const form = await formOf(part, Math.floor(tokens / 2), apart)
  const rest = form === undefined ? tokens : tokens / 2
  const first = await firstLines(part, Math.floor(rest * 0.6))
  const last = await lastLines(part, { lines: LINES, tokens: Math.floor(rest * 0.3) })
  const sections = [
    form !== undefined && `It is JSON of this form:\n${form}`,
    `It begins:\n${first}`,
    last.from > 0 && `It ends:\n${last.text.trimEnd()}`,
  ]
  return sections.filter(Boolean).join('\n\n')
}

/** Undefined where it is no JSON, or too much of it. */
async function formOf({ file, start, bytes }: Slice, tokens: number, apart: Pick<Apart, 'do'>): Promise<string | undefined> {
  if (bytes > OUTLINED_BYTES_MAX) return undefined
  const slice = { file, start, bytes }
  const head = await readBytes(slice, 0, OUTLINED_HERE_BYTES_MAX)
  if (bytes <= head.length) return outline(head, tokens)
  if (!mayHaveOutline(head)) return undefined
  const outcome = await apart.do({ op: 'outline', slice, tokens }, () => undefined)
  return 'problem' in outcome ? undefined : outcome.text
}

async function firstLines(part: Slice, tokens: number): Promise<string> {
  const { text, to } = await excerpt(part, 0, { bytes: part.bytes, tokens })
  const lines = text.split('\n')
  // The last one may be cut; where it is the only one, a piece of it is all that there is to show.
  if (lines.length > 1 && to < part.bytes) lines.pop()
  return lines.slice(0, LINES).join('\n').trimEnd()
}
