/** How meta-tools show a tool to a model: as one typed line, or as its whole definition. */
import type { Entry } from '../../catalog/catalog.ts'
import { signature } from '../../catalog/signature/signature.ts'
import type { Tool } from '../../catalog/tool.ts'
import { GatewayError } from '../../protocol/errors.ts'
import type { JsonObject } from '../../protocol/message.ts'

export type Detail = 'short' | 'full'

/** Tokens: whoever has called a tool wrongly gets more of its signature than a list has room for. */
const ROOM_AFTER_FAILURE = 600

/** The argument `detail`; `short` where it is absent. */
export function detailOf({ detail }: JsonObject): Detail {
  if (detail === undefined || detail === null || detail === 'short') return 'short'
  if (detail === 'full') return 'full'
  throw new GatewayError('invalid_params', `detail must be "short" or "full", not ${JSON.stringify(detail).slice(0, 80)}`)
}

/** Everything that a correct call needs, for a model that has just made a wrong one. */
export function entrySignature(entry: Entry): string {
  return signature(exposedTool(entry), ROOM_AFTER_FAILURE)
}

export function shownEntry(entry: Entry, detail: Detail): string {
  const tool = exposedTool(entry)
  return detail === 'full' ? JSON.stringify(tool) : signature(tool)
}

/** The definition under the name that clients call it by. */
function exposedTool({ item, exposed }: Entry): Tool {
  return { ...(JSON.parse(item.bytes.toString()) as object), name: exposed }
}
