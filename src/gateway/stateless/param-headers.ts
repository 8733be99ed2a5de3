/** Holds the headers that repeat arguments of a tool against these, for servers that never see headers (SEP-2243). */
import { GatewayError } from '../../protocol/errors.ts'
import type { Json } from '../../protocol/message.ts'
import {
  decodeHeader,
  mentionsParamHeaders,
  type ParamHeader,
  paramHeaders,
  paramValue,
} from '../../protocol/mirrored-headers.ts'
import type { Item } from '../../upstream/listing.ts'
import type { Session } from '../session.ts'
import type { StatelessRequest } from './request.ts'

const known = new WeakMap<Item, readonly ParamHeader[]>()

/** Throws `header_mismatch` where a header that the tool wants to be there is not, or says something else than the argument. */
export function requireParamHeaders(client: Session, { message, header }: StatelessRequest): void {
  if (!header || message.method !== 'tools/call') return
  const item = client.endpoint.catalog(client).tools.get(message.name)?.item
  const wanted = item ? wantedBy(item) : []
  if (wanted.length === 0) return
  const given = message.params.arguments
  for (const one of wanted) {
    const said = header(one.header)
    const value = paramValue(one, given)
    const wrong = value === undefined ? said !== undefined : said === undefined || !isSame(one, value, said)
    if (wrong) throw mismatch(one, value, said)
  }
}

function wantedBy(item: Item): readonly ParamHeader[] {
  let wanted = known.get(item)
  if (!wanted) {
    wanted = mentionsParamHeaders(item.bytes) ? read(item.bytes) : []
    known.set(item, wanted)
  }
  return wanted
}

function read(definition: Buffer): readonly ParamHeader[] {
  const { inputSchema } = JSON.parse(definition.toString()) as { inputSchema?: Json }
  try {
    return paramHeaders(inputSchema)
  } catch {
    // Clients are to ignore a tool that asks for headers in a way that does not exist; one that calls it sends none.
    return []
  }
}

/** Whole numbers are compared as such: `7` and `7.0` are the same one. */
function isSame({ type }: ParamHeader, value: string, said: string): boolean {
  const text = decodeHeader(said)
  return text === value || (type === 'integer' && text !== undefined && text !== '' && Number(text) === Number(value))
}

function mismatch({ header, path }: ParamHeader, value: string | undefined, said: string | undefined): GatewayError {
  const name = path.join('.')
  if (value === undefined) return new GatewayError('header_mismatch', `the header ${header} is there, but no argument ${name}`)
  if (said === undefined) return new GatewayError('header_mismatch', `the header ${header} is missing; it must repeat ${name}`)
  return new GatewayError('header_mismatch', `the header ${header} says ${said}, but the argument ${name} is another`)
}
