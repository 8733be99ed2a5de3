/** What a client asks for in the URL or the headers of its `initialize`. */
import type { IncomingMessage } from 'node:http'
import { SURFACE_MODES, surfaceMode } from '../catalog/surface.ts'
import type { Wishes } from '../gateway/session.ts'
import { GatewayError } from '../protocol/errors.ts'

const SURFACE_HEADER = 'mcp-gw-surface'

/** `?surface=search` or the header `Mcp-Gw-Surface: search`; the URL goes first. Throws `GatewayError` on any other word. */
export function wishesOf(req: IncomingMessage): Wishes {
  const url = req.url ?? ''
  const query = url.indexOf('?')
  const asked = (query >= 0 && new URLSearchParams(url.slice(query)).get('surface')) || req.headers[SURFACE_HEADER]
  if (!asked) return {}
  const surface = surfaceMode(String(asked))
  if (surface) return { surface }
  throw new GatewayError('invalid_request', `there is no surface "${String(asked)}"; there are: ${SURFACE_MODES.join(', ')}`)
}
