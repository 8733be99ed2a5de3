/** Joins the instructions of all servers into one text that fits a budget. */

export interface Instructions {
  server: string
  text: string
}

const GAP = '\n\n'
const CUT = ' […]'
const CUT_BYTES = Buffer.byteLength(CUT)

/**
 * The texts under the names of their servers, never more than `bytesMax`: where they do not fit, the longest are cut first,
 * and where not even that helps, the last are left out. Undefined without any.
 */
export function joinInstructions(parts: readonly Instructions[], bytesMax: number): string | undefined {
  const sections = parts
    .map(({ server, text }) => ({ head: `# ${server}\n`, text: text.trim() }))
    .filter(({ text }) => text !== '')
  let room = bytesMax
  let least = 0
  const fitting = sections.filter(({ head, text }) => {
    least += Buffer.byteLength(head) + GAP.length + Math.min(Buffer.byteLength(text), CUT_BYTES)
    if (least > bytesMax) return false
    room -= Buffer.byteLength(head) + GAP.length
    return true
  })
  if (fitting.length === 0) return undefined
  const share = fairShare(
    fitting.map(({ text }) => Buffer.byteLength(text)),
    room,
  )
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
