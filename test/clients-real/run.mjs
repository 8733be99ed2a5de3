/** `npm run test:clients`: real clients from npm see the gateway connected after `init`, and have their file back after `undo`. */
import { join } from 'node:path'
import { lastingCopy } from '../support/lasting-copy.mjs'
import { clients } from './clients.mjs'
import { install } from './install.mjs'
import { Place } from './place.mjs'
import { round } from './round.mjs'

const ways = [
  { mode: 'http', originals: 'keep' },
  { mode: 'stdio', originals: 'move' },
]
const asked = process.argv.slice(2)
const unknown = asked.find((name) => !Object.hasOwn(clients, name))
if (unknown) {
  console.log(`There is no client ${unknown} here; there are: ${Object.keys(clients).join(', ')}.`)
  process.exit(2)
}

const copy = lastingCopy('clients')
let current
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await current?.end()
    process.exit(130)
  })
}

const results = []
for (const name of asked.length > 0 ? asked : Object.keys(clients)) results.push(await tried(name))
for (const { name, text } of results) console.log(`${name.padEnd(10)}${text}`)
if (results.some(({ failed }) => failed)) {
  process.exitCode = 1
  console.log(`The homes of the clients are in ${copy.folder}.`)
} else copy.remove()

async function tried(name) {
  const started = Date.now()
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`
  const { command, skipped } = install(name, clients[name])
  if (skipped) return { name, text: `skipped: ${skipped}` }
  const installed = seconds()
  for (const way of ways) {
    current = new Place(join(copy.folder, `${name}-${way.mode}`), copy.script)
    try {
      await round(clients[name], command, current, way)
    } catch (error) {
      return { name, failed: true, text: `FAILED with --mode ${way.mode} --originals ${way.originals}\n${error.message}` }
    } finally {
      await current.end()
    }
  }
  const does = clients[name].connected ? 'lists mcp-gw as connected' : 'lists mcp-gw, whose entry connects'
  return {
    name,
    text: `${does}, over HTTP and by the bridge; undone to the byte (installed in ${installed}, ${seconds()} in all)`,
  }
}
