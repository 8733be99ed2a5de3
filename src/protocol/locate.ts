/** Finds one value in JSON by the members that lead to it. */
import type { Message } from './message.ts'
import { eachMember, readString, skipValue } from './scan.ts'

export interface Place {
  start: number
  end: number
}

/** The place of the value at `path` below `params`; undefined where there is none. */
export function locate(message: Message, path: readonly string[]): Place | undefined {
  return message.paramsStart < 0 ? undefined : locateIn(message.bytes, message.paramsStart, path)
}

/**
 * The place of the value at `path` below the object that begins at `from`. Where a member stands twice the last counts, as
 * it does for JSON.parse.
 */
export function locateIn(bytes: Buffer, from: number, path: readonly string[]): Place | undefined {
  let place: Place | undefined
  for (const [depth, name] of path.entries()) {
    const start: number = depth === 0 ? from : (place?.start ?? -1)
    place = undefined
    if (start < 0) return undefined
    eachMember(bytes, start, (keyStart, keyEnd, at) => {
      const end = skipValue(bytes, at)
      if (readString(bytes, keyStart, keyEnd) === name) place = { start: at, end }
      return end
    })
  }
  return place
}
