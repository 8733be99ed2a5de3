/** Joins the instructions of all servers into one text that fits a budget. */

export interface Instructions {
  server: string
  text: string
}

const CUT = ' […]'

/** The texts under the names of their servers; where they do not fit, the longest are cut first. Undefined without any. */
export function joinInstructions(parts: readonly Instructions[], bytesMax: number): string | undefined {
  if (parts.length === 0) return undefined
  const heads = parts.map(({ server }) => `# ${server}\n`)
  const room = bytesMax - heads.reduce((sum, head) => sum + Buffer.byteLength(head) + 2, 0)
  const share = fairShare(
    parts.map(({ text }) => Buffer.byteLength(text)),
    room,
  )
  return parts.map(({ text }, index) => `${heads[index]}${cut(text.trim(), share)}`).join('\n\n')
}

/** The largest length that every text may have so that all of them fit. */
function fairShare(lengths: readonly number[], room: number): number {
  let left = Math.max(0, room)
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
  const bytes = Buffer.from(text).subarray(0, Math.max(0, bytesMax - Buffer.byteLength(CUT)))
  // A character that was cut in two decodes to the replacement character, which goes.
  return `${bytes.toString('utf8').replace(/�+$/, '').trimEnd()}${CUT}`
}
