/** Reads the body of a request up to a limit. */
import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../protocol/errors.ts'

/** What is read past the limit, so that a client which is still writing can read the refusal. */
const OVERRUN_BYTES_MAX = 64 * 1_048_576

/** Resolves with the body; rejects with `too_large` once it is clear that the client has written what it wanted to. */
export function readRequest(req: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = (): void => reject(new GatewayError('too_large', `the body is larger than ${bytesMax} bytes (listen.body)`))
    let chunks: Buffer[] = []
    let length = 0
    req.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= bytesMax) chunks.push(chunk)
      else chunks = []
      if (length > bytesMax + OVERRUN_BYTES_MAX) {
        req.pause()
        tooLarge()
      }
    })
    req.once('end', () => {
      if (length > bytesMax) tooLarge()
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length))
    })
    req.once('error', () => reject(new GatewayError('invalid_request', 'the request broke off')))
  })
}
