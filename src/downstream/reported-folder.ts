/** The folder that `mcp-gw connect` reports: where the client that started it works. */
import type { IncomingMessage } from 'node:http'
import { workFolder } from '../protocol/roots.ts'

const PATH_CHARS_MAX = 4_096

/** What `encodeURIComponent` writes. A header that came twice, which Node joins with a comma, is not of this form. */
const ENCODED = /^[\w%.~!'()*-]+$/

/** An address of this machine, also where it came by IPv6. */
const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/

/**
 * The path in `Mcp-Gw-Cwd`, percent-encoded there. Whatever else stands there is as good as nothing: such a client works nowhere,
 * which is safe. That holds for other machines, whose folders are not ours, and for web pages, which have none.
 */
export function reportedFolder({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string | undefined {
  const said = headers['mcp-gw-cwd']
  if (typeof said !== 'string' || !ENCODED.test(said)) return undefined
  if (headers.origin !== undefined || !LOOPBACK.test(socket.remoteAddress ?? '')) return undefined
  const path = decoded(said)
  return path !== undefined && path.length <= PATH_CHARS_MAX ? workFolder(path) : undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    // No UTF-8.
    return undefined
  }
}
