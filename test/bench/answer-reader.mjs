/** Reads HTTP/1.1 answers from the bytes of one keep-alive connection, without copying bodies. */

const headEnd = Buffer.from('\r\n\r\n')
const lineEnd = Buffer.from('\r\n')

/**
 * Gives a function to feed with bytes. For each answer it calls `onHead({ status, sse })`, then `onBody(bytes, start, end)` as
 * often as needed, with bytes that are valid only during that call, then `onEnd()`. It throws on bytes that are not HTTP.
 */
export function answerReader({ onHead, onBody, onEnd }) {
  let state = 'head'
  let left = 0
  let kept = Buffer.alloc(0)

  const states = { head, sized, chunkSize, chunk, chunkEnd, trailer }

  /** Each state takes bytes from `at` and returns where it stopped, or -1 when it needs bytes that have not come yet. */
  function head(bytes, at) {
    const end = bytes.indexOf(headEnd, at)
    if (end === -1) return -1
    const text = bytes.latin1Slice(at, end)
    if (!text.startsWith('HTTP/1.1 ')) throw new Error(`this is no HTTP answer: ${text.slice(0, 60)}`)
    const status = Number(text.slice(9, 12))
    onHead({ status, sse: /\r\ncontent-type: *text\/event-stream/i.test(text) })
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)
    if (length) body('sized', Number(length[1]))
    else if (/\r\ntransfer-encoding: *chunked/i.test(text)) state = 'chunkSize'
    else if (status === 202 || status === 204) body('sized', 0)
    else throw new Error('an answer without a length cannot be kept alive')
    return end + 4
  }

  function body(next, length) {
    state = next
    left = length
    if (left === 0) finish()
  }

  function finish() {
    state = 'head'
    onEnd()
  }

  function take(bytes, at) {
    const end = Math.min(bytes.length, at + left)
    if (end > at) onBody(bytes, at, end)
    left -= end - at
    return end
  }

  function sized(bytes, at) {
    const end = take(bytes, at)
    if (left === 0) finish()
    return end
  }

  function chunkSize(bytes, at) {
    const end = bytes.indexOf(lineEnd, at)
    if (end === -1) return -1
    left = Number.parseInt(bytes.latin1Slice(at, end), 16)
    if (Number.isNaN(left)) throw new Error('a chunk has no size')
    state = left === 0 ? 'trailer' : 'chunk'
    return end + 2
  }

  function chunk(bytes, at) {
    const end = take(bytes, at)
    if (left === 0) state = 'chunkEnd'
    return end
  }

  function chunkEnd(bytes, at) {
    if (bytes.length - at < 2) return -1
    state = 'chunkSize'
    return at + 2
  }

  function trailer(bytes, at) {
    const end = bytes.indexOf(lineEnd, at)
    if (end === -1) return -1
    if (end === at) finish()
    return end + 2
  }

  return (given) => {
    const bytes = kept.length === 0 ? given : Buffer.concat([kept, given])
    let at = 0
    while (at < bytes.length) {
      const next = states[state](bytes, at)
      if (next === -1) break
      at = next
    }
    // A copy, because the caller uses its buffer again.
    kept = at < bytes.length ? Buffer.from(bytes.subarray(at)) : Buffer.alloc(0)
  }
}
