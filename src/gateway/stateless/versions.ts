/** Which revisions are spoken without a session. */
import { GatewayError } from '../../protocol/errors.ts'
import { isStateless, STATELESS_VERSIONS } from '../../protocol/versions.ts'

/** Throws `unsupported_version` where a request is written in a revision that is not spoken here. */
export function requireServed(version: string): void {
  if (isStateless(version)) return
  const supported = STATELESS_VERSIONS
  const why = `the protocol version ${version} is not spoken here without a session; spoken are: ${supported.join(', ')}`
  throw new GatewayError('unsupported_version', why, { data: { supported, requested: version } })
}
