/** A bare MCP server on stdio for the bench: one tool, `echo`, and nothing that costs time. */
import { headOf, tailOf } from './echo.mjs'

let rest = ''

function answer(line) {
  const message = JSON.parse(line)
  const tail = tailOf(message)
  if (tail === undefined) return
  if (typeof tail === 'string') {
    process.stdout.write(headOf(message) + tail)
  } else {
    process.stdout.write(headOf(message))
    process.stdout.write(tail)
  }
}

process.stdin.setEncoding('utf8')
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop()
  // All answers to one chunk of requests leave in one write.
  process.stdout.cork()
  for (const line of lines) if (line !== '') answer(line)
  process.stdout.uncork()
})
process.stdin.on('end', () => process.exit(0))
