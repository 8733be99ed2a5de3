/** Takes members out of JSON objects and puts some in, as edits of the text: what is not named stays to the byte. */
import type { Edit, Member, Message } from './message.ts'
import { eachMember, readString, skipSpace, skipValue } from './scan.ts'

/** The members of the object that begins at `at`, in order; none where no object begins there. */
export function membersOf(bytes: Buffer, at: number): Member[] {
  const members: Member[] = []
  eachMember(bytes, at, (keyStart, keyEnd, start) => {
    const end = skipValue(bytes, start)
    members.push({ key: readString(bytes, keyStart, keyEnd), keyStart, start, end })
    return end
  })
  return members
}

/**
 * Skips the result that begins at `at` like `skipValue`, and notes where its members stand: to look for them later would be to
 * read a large result twice.
 */
export function notePlaces(reply: Message, at: number): number {
  const { bytes } = reply
  const places: number[] = []
  reply.places = places
  return eachMember(bytes, at, (keyStart, keyEnd, start) => {
    const end = skipValue(bytes, start)
    places.push(keyStart, keyEnd, start, end)
    return end
  })
}

/** The members of a `result` or `error`, in order; none where it is no object. */
export function bodyMembers(reply: Message): readonly Member[] {
  reply.members ??= reply.places ? membersAt(reply.bytes, reply.places) : membersOf(reply.bytes, reply.bodyStart)
  return reply.members
}

function membersAt(bytes: Buffer, places: readonly number[]): Member[] {
  const members: Member[] = []
  for (let i = 0; i < places.length; i += 4) {
    const [keyStart, keyEnd, start, end] = places.slice(i, i + 4) as [number, number, number, number]
    members.push({ key: readString(bytes, keyStart, keyEnd), keyStart, start, end })
  }
  return members
}

/** Edits that take out of an object's members those that `drop` names, each with one of the commas beside it. */
export function dropMembers(members: readonly Member[], drop: (key: string) => boolean): Edit[] {
  const edits: Edit[] = []
  let kept: Member | undefined
  for (let i = 0; i < members.length; i++) {
    const first = members[i] as Member
    if (!drop(first.key)) {
      kept = first
      continue
    }
    while (i + 1 < members.length && drop((members[i + 1] as Member).key)) i++
    const last = members[i] as Member
    const next = members[i + 1]
    if (next) edits.push({ start: first.keyStart, end: next.keyStart, json: '' })
    else edits.push({ start: kept?.end ?? first.keyStart, end: last.end, json: '' })
  }
  return edits
}

/** The edit that puts members (JSON text without braces) at the front of the object that begins at `at`. */
export function insertMembers(bytes: Buffer, at: number, json: string): Edit {
  const empty = bytes[skipSpace(bytes, at + 1)] === 0x7d
  return { start: at + 1, end: at + 1, json: empty ? json : `${json},` }
}
