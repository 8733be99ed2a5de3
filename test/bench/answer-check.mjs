/** Tells whether an answer is the right one, byte for byte, at a cost that does not grow the load generator's share. */

/**
 * The first right answer is parsed and looked into; it then serves as the template for all that follow, which must equal it in
 * every byte but the id. An answer that differs is parsed in its turn, so another shape of the same content is right as well.
 * `problemOf(result)` says what is wrong with a result, or gives undefined.
 */
export function answerCheck(problemOf) {
  let template = Buffer.alloc(0)
  let idAt = 0

  /** True when bytes `start` to `end` are what the answer with this id holds from `offset` on. */
  function matches(id, bytes, start, end, offset) {
    const offsetEnd = offset + end - start
    if (offsetEnd > template.length) return false
    template.latin1Write(id, idAt)
    return bytes.compare(template, offset, offsetEnd, start, end) === 0
  }

  /** What is wrong with a whole answer that is not like the template; undefined for a right one, which becomes the template. */
  function judge(id, bytes) {
    let message
    try {
      message = JSON.parse(bytes.toString())
    } catch {
      return `the answer is not JSON: ${bytes.toString('utf8', 0, 120)}`
    }
    if (String(message.id) !== id) return `the answer has id ${message.id}, the request had ${id}`
    if (message.result === undefined) return `the answer is an error: ${JSON.stringify(message.error)}`
    const problem = message.jsonrpc === '2.0' ? problemOf(message.result) : 'the answer is not JSON-RPC 2.0'
    if (problem === undefined) learn(id, bytes)
    return problem
  }

  function learn(id, bytes) {
    const at = bytes.indexOf(id)
    if (at !== bytes.lastIndexOf(id)) return
    template = Buffer.from(bytes)
    idAt = at
  }

  /** The check of one answer: `add` its bytes as they come, then ask for its `problem`. */
  function begin(id, sse) {
    let offset = 0
    let others = sse ? [] : undefined

    function add(bytes, start, end) {
      if (others === undefined && !matches(id, bytes, start, end, offset)) {
        template.latin1Write(id, idAt)
        others = [Buffer.from(template.subarray(0, offset))]
      }
      others?.push(Buffer.from(bytes.subarray(start, end)))
      offset += end - start
    }

    function problem() {
      if (others === undefined && offset > 0 && offset === template.length) return undefined
      if (others === undefined) return judge(id, template.subarray(0, offset))
      const bytes = Buffer.concat(others)
      if (!sse) return judge(id, bytes)
      const found = eventDatas(bytes).find((data) => data.includes(`"id":${id}`))
      if (found === undefined) return 'the stream ended without the answer'
      return found.length === template.length && matches(id, found, 0, found.length, 0) ? undefined : judge(id, found)
    }

    return { add, problem }
  }

  return { begin }
}

/** The data of each event of an SSE stream. JSON on one line has one `data:` field, which is all that MCP servers write. */
function eventDatas(bytes) {
  const datas = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at)
    const lineEnd = end === -1 ? bytes.length : end
    const line = bytes.subarray(at, bytes[lineEnd - 1] === 13 ? lineEnd - 1 : lineEnd)
    if (line.subarray(0, 5).equals(dataField)) datas.push(line.subarray(line[5] === 32 ? 6 : 5))
    at = lineEnd + 1
  }
  return datas
}

const dataField = Buffer.from('data:')
