/** Joins the instructions of all servers into one text that fits a budget. */

export interface Instructions {
  server: string
  text: string
}

const GAP = '\n\n'
const CUT = ' […]'
const CUT_BYTES = Buffer.byteLength(CUT)

/** How much a client keeps, in bytes. */
export interface InstructionLimits {
  /** Of the text of one server. */
  server: number
  /** Of all texts together, with the names of the servers. */
  all: number
  /** Gives a sentence that says where the rest is; asked where something is cut, and put at the end. */
  rest?: (() => string | undefined) | undefined
}

/**
 * The texts under the names of their servers, never more than the limits: where they do not fit, the longest are cut first, and
 * where not even that helps, the last are left out. Undefined without any.
 */
export function joinInstructions(parts: readonly Instructions[], { server, all, rest }: InstructionLimits): string | undefined {
  const sections = parts.map((part) => ({ head: `# ${part.server}\n`, text: part.text.trim() })).filter(({ text }) => text !== '')
  const whole = sections.map(({ head, text }) => head + text).join(GAP)
  const tooLong = sections.some(({ text }) => Buffer.byteLength(text) > server) || Buffer.byteLength(whole) > all
  if (!tooLong) return whole || undefined
  const sentence = rest?.()
  const note = sentence === undefined ? '' : `${GAP}${sentence}`
  const joined = joinedWithin(sections, server, all - Buffer.byteLength(note))
  // Where the sentence takes the room of everything else, it is left out instead.
  return joined === undefined ? joinedWithin(sections, server, all) : joined + note
}

interface Section {
  head: string
  text: string
}

function joinedWithin(sections: readonly Section[], server: number, bytesMax: number): string | undefined {
  let room = bytesMax
  let least = 0
  const fitting = sections.filter(({ head, text }) => {
    least += Buffer.byteLength(head) + GAP.length + Math.min(Buffer.byteLength(text), CUT_BYTES)
    if (least > bytesMax) return false
    room -= Buffer.byteLength(head) + GAP.length
    return true
  })
  if (fitting.length === 0) return undefined
  const lengths = fitting.map(({ text }) => Math.min(server, Buffer.byteLength(text)))
  const share = Math.max(CUT_BYTES, Math.min(server, fairShare(lengths, room)))
  return fitting.map(({ head, text }) => head + cut(text, share)).join(GAP)
}

/** The largest length that every text may have so that all of them fit. */
function fairShare(lengths: readonly number[], room: number): number {
  let left = room
  const ascending = lengths.toSorted((a, b) => a - b)
  for (const [index, length] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index))
    if (length > share) return share
    left -= length
  }
  return Number.POSITIVE_INFINITY
}

function cut(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text
  const bytes = Buffer.from(text).subarray(0, bytesMax - CUT_BYTES)
  // A character that was cut in two decodes to the replacement character, which goes.
  return `${bytes
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
    .trimEnd()}${CUT}`
}
