/** Kept results as resources: what a program reads whole, to the byte as the server gave it. */
import { open } from 'node:fs/promises'
import { GatewayError } from '../../protocol/errors.ts'
import type { Message } from '../../protocol/message.ts'
import { resultToFill } from '../../protocol/result-to-fill.ts'
import type { SessionExchange } from '../exchange.ts'
import type { Services } from '../services.ts'
import { partUri, RESULT_URI } from './preview.ts'
import { readBytes } from './slice.ts'
import { isGone, type Kept, type Part, type Slice } from './store.ts'

export function isResultUri(uri: string): boolean {
  return uri.startsWith(RESULT_URI)
}

/** The parts that a URI names. Throws `GatewayError` where it names none of this session. */
export async function readResult({ client, request }: SessionExchange, { results }: Services): Promise<Message> {
  const { uri } = request
  const [handle = '', index] = uri.slice(RESULT_URI.length).split('/')
  const kept = results.find(client, handle)
  const parts = kept && partsOf(kept, index)
  const unknown = (): GatewayError => new GatewayError('resource_not_found', `Resource not found: ${uri}`, { data: { uri } })
  if (!parts) throw unknown()
  try {
    const pieces = await Promise.all(parts.map(([part, partIndex]) => piecesOf(kept, part, partIndex)))
    return await joined(['{"contents":[', ...pieces.flatMap((piece, at) => (at === 0 ? piece : [',', ...piece])), ']}'])
  } catch (error) {
    throw isGone(error) ? unknown() : error
  }
}

function partsOf({ parts }: Kept, index: string | undefined): [Part, number][] | undefined {
  const all = parts.map((part, at): [Part, number] => [part, at])
  if (index === undefined) return all
  const one = /^\d{1,3}$/.test(index) ? all[Number(index)] : undefined
  return one && [one]
}

/** The JSON of one content: text, or bytes that already stand in a file as JSON. */
async function piecesOf(kept: Kept, part: Part, index: number): Promise<(string | Slice)[]> {
  const head = JSON.stringify({ uri: partUri(kept, index), mimeType: part.mimeType }).slice(0, -1)
  const member = part.encoding === 'base64' ? 'blob' : 'text'
  const value = part.literal ?? JSON.stringify((await readBytes(part, 0, part.bytes)).toString())
  return [`${head},"${member}":`, value, '}']
}

async function joined(pieces: readonly (string | Slice)[]): Promise<Message> {
  const lengths = pieces.map((piece) => (typeof piece === 'string' ? Buffer.byteLength(piece) : piece.bytes))
  const { message, value } = resultToFill(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const [index, piece] of pieces.entries()) {
    const room = value.subarray(at, at + (lengths[index] as number))
    if (typeof piece === 'string') room.write(piece)
    else await fill(room, piece)
    at += room.length
  }
  return message
}

async function fill(room: Buffer, { file, start }: Slice): Promise<void> {
  const handle = await open(file, 'r')
  try {
    for (let read = 0; read < room.length; ) {
      const { bytesRead } = await handle.read(room, read, room.length - read, start + read)
      if (bytesRead === 0) throw new GatewayError('internal', 'a kept result was damaged on disk; call the tool again')
      read += bytesRead
    }
  } finally {
    await handle.close()
  }
}
