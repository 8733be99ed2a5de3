/** `npm run bench:setup`: seconds from three clients' files to the first call through the entry that `init` wrote into one. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { connect } from '../clients-real/entry.mjs'
import { Place, serverProgram } from '../clients-real/place.mjs'
import { lastingCopy } from '../support/lasting-copy.mjs'

const secondsMax = 60
const { values: options } = parseArgs({ options: { npx: { type: 'boolean' } } })

const copy = lastingCopy('setup')
const place = new Place(join(copy.folder, 'home'), copy.script)
try {
  await measure()
} finally {
  // The bridge has started a gateway.
  await place.end()
  copy.remove()
}

async function measure() {
  for (const [file, text] of Object.entries(clientFiles())) {
    const path = join(place.home, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  // The only thing that is no empty home: a port of its own, beside a gateway that may run here.
  await place.writeConfig()
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  await place.mcpGw('init', '--yes')
  const written = seconds()
  const client = await connect(JSON.parse(place.read('.claude.json')).mcpServers['mcp-gw'], place)
  const connected = seconds()
  const { content } = await client.callTool({ name: 'everything__echo', arguments: { message: 'hello' } })
  const called = seconds()
  await client.close()
  if (content[0]?.text !== 'Echo: hello') throw new Error(`The tool answered ${JSON.stringify(content)}.`)
  const shown = (value) => `${value.toFixed(1)} s`
  console.log(`init --yes, three clients, three servers ${options.npx ? 'from an empty npm cache' : 'that are installed'}`)
  console.log(`  set up             ${shown(written)}`)
  console.log(`  bridge connected   ${shown(connected)}  (it starts the gateway)`)
  console.log(`  first call answered ${shown(called)}  (limit ${secondsMax} s)`)
  if (called > secondsMax) process.exitCode = 1
}

function clientFiles() {
  const of = (name, ...args) => JSON.stringify(entry(name, ...args))
  return {
    '.claude.json': `{ "mcpServers": { "everything": ${of('everything')}, "memory": ${of('memory')} } }\n`,
    '.cursor/mcp.json': `{ "mcpServers": { "files": ${of('filesystem', place.home)} } }\n`,
    '.codex/config.toml': tomlEntry(entry('memory')),
  }
}

function entry(name, ...args) {
  if (options.npx) return { command: 'npx', args: ['-y', `@modelcontextprotocol/server-${name}`, ...args] }
  return { command: process.execPath, args: [serverProgram(name), ...args] }
}

function tomlEntry({ command, args }) {
  return `[mcp_servers.memory]\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\n`
}
