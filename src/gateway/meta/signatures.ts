/** How meta-tools show a tool to a model. */
import type { Entry } from '../../catalog/catalog.ts'
import type { JsonObject } from '../../protocol/message.ts'

export type Detail = 'short' | 'full'

export function detailOf(given: JsonObject): Detail {
  return given.detail === 'full' ? 'full' : 'short'
}
export function entrySignature(entry: Entry): string {
  return entry.exposed
}
export function shownEntry(entry: Entry, detail: Detail): string {
  return detail === 'full' ? entry.item.bytes.toString() : entrySignature(entry)
}
