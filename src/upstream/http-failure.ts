/** What an HTTP server's refusal or a broken connection means, in words that tell what to do. */
import { STATUS_CODES } from 'node:http'
import { GatewayError } from '../protocol/errors.ts'
import type { HttpError } from './http-line.ts'

/** A server answered with a status that is no success. */
export class HttpStatusError extends GatewayError {
  readonly status: number

  constructor(name: string, status: number, body: string) {
    const said = body.trim() === '' || /^\s*</.test(body) ? '' : `: ${body.trim().slice(0, 200)}`
    super(
      status >= 500 ? 'interrupted' : 'unavailable',
      `${name} answered ${status} ${STATUS_CODES[status] ?? ''}${said}${hint(name, status)}`,
    )
    this.status = status
  }
}

/** Failures by which nothing reached the server, in words. */
const UNREACHED: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused; is it running?',
  ENOTFOUND: 'its host name is unknown',
  EAI_AGAIN: 'its host name could not be looked up',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; for a test server set tls_skip_verify: true',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain is self-signed; for a test server set tls_skip_verify: true',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ETIMEDOUT: 'the connection was not accepted in time',
  ERR_INVALID_CHAR: 'a header has a character that HTTP does not allow',
}

export function connectionError(name: string, url: URL, error: HttpError): GatewayError {
  const where = `${url.origin}${url.pathname}`
  if (error.unsent) {
    const why = UNREACHED[error.code ?? ''] ?? error.message
    return new GatewayError('unavailable', `${name}: cannot reach ${where}: ${why}`, { cause: error })
  }
  return new GatewayError('interrupted', `${name}: the connection to ${where} broke off: ${error.message}`, { cause: error })
}

function hint(name: string, status: number): string {
  if (status === 401 || status === 403) return `; it wants other credentials: mend servers.${name}.headers`
  if (status === 404 || status === 405) return `; is servers.${name}.url the MCP endpoint?`
  return ''
}
