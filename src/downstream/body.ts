/** Reads the body of a request up to a limit. */
import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../protocol/errors.ts'

export function readRequest(req: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = (): void => reject(new GatewayError('too_large', `the body is larger than ${bytesMax} bytes (listen.body)`))
    if (Number(req.headers['content-length']) > bytesMax) return tooLarge()
    const chunks: Buffer[] = []
    let length = 0
    req.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > bytesMax) {
        req.pause()
        return tooLarge()
      }
      chunks.push(chunk)
    })
    req.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)))
    req.once('error', () => reject(new GatewayError('invalid_request', 'the request broke off')))
  })
}
