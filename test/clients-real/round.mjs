/** One round with one client: set up, connected in the client's own words, and taken back to the byte. */
import assert from 'node:assert/strict'
import { connect } from './entry.mjs'
import { serverProgram } from './place.mjs'

/** What the client has before: two servers from npm, added with its own command. */
const servers = { everything: serverProgram('everything'), memory: serverProgram('memory') }

/** `way` is how the gateway is reached and what becomes of the client's own entries. */
export async function round(client, command, place, { mode, originals }) {
  const { id, file } = client
  const ask = (words) => place.run([...command, ...words])
  const listed = async () => plain(await ask(client.list))
  await setUp(client, ask, place)
  // What it writes at its first start is not ours to bring back.
  await listed()
  await place.writeConfig()
  const before = { client: place.read(file), config: place.read('.config/mcp-gw/mcp-gw.yaml') }
  await place.mcpGw('init', '--yes', '--clients', id, '--mode', mode, '--originals', originals)
  const written = place.read(file)
  assert.ok(written.includes('mcp-gw'), `init has not written into ${file}`)
  await place.startGateway()
  const list = await listed()
  if (client.connected) assert.match(list, client.connected)
  else await reach(JSON.parse(await ask(client.entry)), place, mode)
  const left = Object.keys(servers).filter((name) => new RegExp(`\\b${name}\\b`).test(list))
  assert.deepEqual(left, originals === 'move' ? [] : Object.keys(servers), `its own servers in:\n${list}`)
  // Ends with an error where anything but a warning is wrong with the machine, the gateway or the client's file.
  await place.mcpGw('doctor', '--offline')
  await place.stopGateway()
  assert.equal(place.read(file), written, `the client has rewritten ${file} itself`)
  await place.mcpGw('undo', '--yes')
  assert.equal(place.read(file), before.client, `${file} is not as it was`)
  assert.equal(place.read('.config/mcp-gw/mcp-gw.yaml'), before.config, 'mcp-gw.yaml is not as it was')
}

async function setUp(client, ask, place) {
  client.prepare?.(place.home)
  for (const [name, path] of Object.entries(servers)) {
    const words = client.add.flatMap((word) => (word === 'NAME' ? name : word === 'COMMAND' ? [process.execPath, path] : word))
    await ask(words)
  }
}

/** The client lists without connecting, so its entry is used in its place. */
async function reach(shown, place, mode) {
  const entry = shown['mcp-gw'] ?? shown.transport ?? shown
  assert.equal(entry.url === undefined, mode === 'stdio', `the entry is not for ${mode}: ${JSON.stringify(shown)}`)
  const connected = await connect(entry, place)
  const { tools } = await connected.listTools()
  await connected.close()
  assert.ok(tools.length > 0, `no tools behind ${JSON.stringify(entry)}`)
}

function plain(text) {
  return text.replaceAll(/\u001b\[[\d;]*m/g, '')
}
