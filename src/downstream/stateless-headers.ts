/** Holds the headers of a stateless request against its body: whoever routes by headers must see the request that we answer. */
import type { IncomingMessage } from 'node:http'
import type { HeaderOf, StatelessRequest } from '../gateway/stateless/request.ts'
import { requireServed } from '../gateway/stateless/versions.ts'
import { GatewayError } from '../protocol/errors.ts'
import { VERSION_KEY } from '../protocol/meta-keys.ts'
import { decodeHeader, nameHeaderOf } from '../protocol/mirrored-headers.ts'

/** The headers of a request; one that came several times is no header. */
export function headerOf({ headers }: IncomingMessage): HeaderOf {
  return (name) => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  }
}

/**
 * Throws `invalid_envelope` where the body says nothing or nonsense of its client, `header_mismatch` where a header is not what the
 * body says, `unsupported_version` where we do not speak its revision (specification 2026-07-28: Transports, Standard headers).
 */
export function checkHeaders(request: StatelessRequest, header: HeaderOf): void {
  const { message } = request
  if (message.claimStart < 0) {
    if (message.method === 'initialize')
      throw mismatch('MCP-Protocol-Version names a revision without sessions, which has no initialize')
    const why = `MCP-Protocol-Version names a revision without sessions, for which params._meta must have "${VERSION_KEY}"`
    throw new GatewayError('invalid_envelope', why)
  }
  const { version } = request.envelope
  const expected = [
    ['MCP-Protocol-Version', version, header('mcp-protocol-version')],
    ['Mcp-Method', message.method, header('mcp-method')],
    ['Mcp-Name', nameHeaderOf(message), header('mcp-name')],
  ] as const
  for (const [name, body, said] of expected) if (said !== undefined && body !== undefined) requireEqual(name, body, said)
  requireServed(version)
  for (const [name, body, said] of expected) {
    if (body !== undefined && said === undefined)
      throw mismatch(`the header ${name} is missing; it must repeat the body: ${body}`)
  }
}

function requireEqual(name: string, body: string, said: string): void {
  // What begins like that would have had to be encoded itself.
  if (said === body && !said.startsWith('=?')) return
  const text = name === 'Mcp-Name' ? decodeHeader(said) : said
  if (text === undefined) throw mismatch(`the header ${name} is not encoded as it has to be: ${said}`)
  if (text !== body) throw mismatch(`the header ${name} says ${said}, but the body ${body}`)
}

function mismatch(why: string): GatewayError {
  return new GatewayError('header_mismatch', why)
}
