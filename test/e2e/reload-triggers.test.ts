/** Who may have the config loaded anew, by which ways, and what they are told. */
import { mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, logLines, mcpGw, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { finish, PROJECT, stop, until } from '../support/processes.ts'
import { send } from '../support/raw-http.ts'
import { apply, postReload, settled, tokenOf } from '../support/reload.ts'

const tiny = fixtureServer('tiny.mjs')

let gateway: Gateway
let ended: Gateway | undefined

afterEach(async () => {
  if (gateway !== ended) await gateway.stop()
  ended = gateway
})

const config = (...servers: string[]): string =>
  JSON.stringify({ listen: { port: 0 }, servers: Object.fromEntries(servers.map((name) => [name, tiny])) })

/** Waits until these servers are the ones that there are. */
async function serves(...servers: string[]): Promise<void> {
  const look = async () => {
    const names = (await gateway.health()).servers.map(({ name }) => name)
    return names.join() === servers.join() ? true : undefined
  }
  await until(look, `the servers are not ${servers.join(', ')}`, { running: gateway.running })
}

const cli = (...args: string[]) => finish(mcpGw([...args, '--config', gateway.file], { env: gateway.env }))

describe('the file', () => {
  it('is noticed when it is rewritten, when another takes its name, and when it comes back', async () => {
    gateway = await Gateway.start({ servers: { one: tiny } })
    writeFileSync(gateway.file, config('one', 'two'))
    await serves('one', 'two')
    writeFileSync(`${gateway.file}.tmp`, config('one', 'three'))
    renameSync(`${gateway.file}.tmp`, gateway.file)
    await serves('one', 'three')
    renameSync(gateway.file, `${gateway.file}.away`)
    await until(async () => ((await gateway.health()).status === 'degraded' ? true : undefined), 'nobody misses the file')
    const { problems } = (await gateway.health()).config ?? {}
    expect(problems).toEqual([
      { file: gateway.file, line: 0, column: 0, key: '', message: expect.stringMatching(/file is gone/) },
    ])
    await serves('one', 'three')
    renameSync(`${gateway.file}.away`, gateway.file)
    await until(async () => ((await gateway.health()).status === 'ok' ? true : undefined), 'nobody sees that it is back')
  })

  it('is followed through the links of a mounted folder', async () => {
    const folder = temporaryFolder()
    const at = (...names: string[]) => join(folder.path, ...names)
    for (const name of ['one', 'two']) {
      const data = temporaryFolder()
      renameSync(data.path, at(`..${name}`))
      writeFileSync(at(`..${name}`, 'mcp-gw.yaml'), config(name))
    }
    symlinkSync('..one', at('..data'))
    symlinkSync(join('..data', 'mcp-gw.yaml'), at('mcp-gw.yaml'))
    gateway = await Gateway.start({ file: at('mcp-gw.yaml') })
    await serves('one')
    symlinkSync('..two', at('..next'))
    renameSync(at('..next'), at('..data'))
    await serves('two')
    folder.remove()
  })
})

describe('other ways to serve', () => {
  it('over stdio reloads as well', async () => {
    const folder = temporaryFolder()
    const file = writeConfig(folder.path, { servers: { one: tiny } })
    const args = [join(PROJECT, 'bin', 'mcp-gw.js'), 'serve', '--stdio', '--config', file]
    const client = await TestClient.stdio({ command: process.execPath, args })
    expect(await client.toolNames()).toEqual(['one__hello'])
    writeConfig(folder.path, { servers: { one: tiny, two: tiny } })
    await client.heard('notifications/tools/list_changed')
    expect(await client.toolNames()).toEqual(['one__hello', 'two__hello'])
    await client.close()
    folder.remove()
  })

  it('without a config takes the first that turns up, and stays with it', async () => {
    const folder = temporaryFolder()
    const env = { HOME: folder.path, XDG_CONFIG_HOME: folder.path, XDG_STATE_HOME: join(folder.path, 'state'), MCP_GW_CONFIG: '' }
    const running = mcpGw(['serve', '--port', '0'], { cwd: folder.path, env })
    const told = (text: string) => logLines(running).find(({ message }) => String(message).includes(text))
    await until(() => told('listening'), 'it does not listen', { running })
    expect(await finish(mcpGw(['reload'], { cwd: folder.path, env }))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing has changed in the built-in defaults/),
    })
    mkdirSync(join(folder.path, 'mcp-gw'))
    const far = writeConfig(join(folder.path, 'mcp-gw'), { servers: { one: tiny } })
    await until(() => told('added one'), 'the config is not taken', { running })
    expect(await finish(mcpGw(['reload', '--config', far], { cwd: folder.path, env }))).toMatchObject({ code: 0 })
    writeConfig(folder.path, { servers: { two: tiny } })
    writeConfig(join(folder.path, 'mcp-gw'), { servers: { one: tiny, three: tiny } })
    await until(() => told('added three'), 'the config is not followed', { running })
    expect(told('added two')).toBeUndefined()
    expect(await stop(running)).toBe(0)
    folder.remove()
  })
})

describe('SIGHUP', () => {
  it('reloads, and says so even where nothing has changed', async () => {
    gateway = await Gateway.start({ servers: { one: tiny } })
    gateway.running.child.kill('SIGHUP')
    const line = await until(() => logLines(gateway.running).find(({ cause }) => cause === 'SIGHUP'), 'the signal is not heard')
    expect(line).toMatchObject({ message: 'config reloaded: nothing has changed', added: [], removed: [], changed: [], keys: [] })
    await serves('one')
  })
})

describe('a bad file', () => {
  it('changes nothing, and is told with line and column by the log, /health, the route and the command', async () => {
    gateway = await Gateway.start({ servers: { one: tiny } })
    const before = await gateway.health()
    const bad = `listen: { port: 0 }\nservers:\n  one: ${JSON.stringify(tiny)}\n  two:\n    comand: x\n    url: http://127.0.0.1:1\n`
    writeFileSync(gateway.file, bad)
    const problem = {
      file: gateway.file,
      line: 5,
      column: 5,
      key: 'servers.two.comand',
      message: 'unknown key; did you mean command?',
    }
    await until(async () => ((await gateway.health()).config?.problems.length ? true : undefined), 'nobody notices')
    const health = await gateway.health()
    expect([health.status, health.config]).toEqual(['degraded', { ...before.config, problems: [problem] }])
    expect(health.servers.map(({ instances }) => instances)).toEqual(before.servers.map(({ instances }) => instances))
    const { status, text } = await postReload(gateway)
    expect([status, JSON.parse(text)]).toEqual([422, { error: expect.stringContaining('stays in force'), problems: [problem] }])
    const place = `${gateway.file}:5:5 servers.two.comand: unknown key; did you mean command?`
    expect(await cli('reload')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(place) })
    expect(JSON.parse((await cli('reload', '--json')).stdout).problems).toEqual([problem])
    const line = logLines(gateway.running).find(({ level }) => level === 50)
    expect([line?.message, line?.problems]).toEqual([expect.stringContaining(place), 1])
    writeFileSync(gateway.file, config('one'))
    await until(async () => ((await gateway.health()).status === 'ok' ? true : undefined), 'nobody sees that it is mended')
  })
})

it('an empty file takes nothing away: it is more likely an accident', async () => {
  gateway = await Gateway.start({ servers: { one: tiny } })
  writeFileSync(gateway.file, '')
  const { status, text } = await postReload(gateway)
  expect([status, text]).toEqual([
    422,
    expect.stringContaining('the file is empty; if no server is meant to be left, say servers: {}'),
  ])
  await serves('one')
  writeFileSync(gateway.file, 'listen: { port: 0 }\nservers: {}\n')
  await serves()
})

describe('mcp-gw reload', () => {
  it('shows what a person has changed, as words and as JSON', async () => {
    gateway = await Gateway.start({ servers: { one: tiny, two: tiny, three: tiny } })
    await apply(gateway, { servers: { one: tiny, two: { ...tiny, timeout: '2s' }, four: tiny }, log: { level: 'debug' } })
    const { code, stdout } = await cli('reload')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Nothing has changed in \S+ since it was loaded at \S+, which added four; removed three; /)
    expect(JSON.parse((await cli('reload', '--json')).stdout)).toEqual({
      config: gateway.file,
      loadedAt: (await gateway.health()).config?.loadedAt,
      servers: { added: [], removed: [], changed: [], unchanged: ['one', 'two', 'four'] },
      listen: null,
      keys: [],
      last: 'added four; removed three; changed two (timeout); left 1 unchanged; changed log.level',
    })
  })

  it('says that no gateway runs where none does', async () => {
    gateway = await Gateway.start({ servers: {} })
    const folder = temporaryFolder()
    writeFileSync(join(folder.path, 'mcp-gw.yaml'), config('one'))
    const other = mcpGw(['reload', '--config', join(folder.path, 'mcp-gw.yaml')], { env: gateway.env })
    const { code, stderr } = await finish(other)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/no gateway runs with .*mcp-gw\.yaml; start one with mcp-gw serve/)])
    folder.remove()
  })
})

describe('the local token', () => {
  const post = (headers: Record<string, string>, method = 'POST') => send(`${gateway.origin}/-/reload`, { method, headers })

  it('is made at the first start for the owner only, and the second start keeps it', async () => {
    gateway = await Gateway.start({ servers: {} })
    const token = tokenOf(gateway)
    const file = join(gateway.env.XDG_STATE_HOME, 'mcp-gw', 'token')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const second = await Gateway.start({ servers: {} }, { env: gateway.env })
    expect(tokenOf(gateway)).toBe(token)
    expect((await send(`${second.origin}/-/reload`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
    await second.stop()
  })

  it('is asked for by every route that changes something, and by no other', async () => {
    gateway = await Gateway.start({ servers: {} })
    const token = tokenOf(gateway)
    const wrong = [{}, { authorization: `Basic ${token}` }, { authorization: 'Bearer' }, { authorization: 'Bearer wrong' }]
    for (const headers of [...wrong, { authorization: `Bearer ${token.slice(1)}` }, { authorization: `Bearer ${token}x` }]) {
      const answer = await post(headers as Record<string, string>)
      expect(answer.status).toBe(401)
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="mcp-gw"/)
      expect(answer.headers['content-type']).toMatch(/^application\/json/)
      expect(JSON.parse(answer.text)).toEqual({ error: expect.stringContaining('Authorization: Bearer') })
      expect(answer.text).not.toContain(token)
    }
    expect(logLines(gateway.running).some(({ cause }) => cause === 'api')).toBe(false)
    expect((await post({ authorization: `bearer  ${token}` })).status).toBe(200)
    expect((await send(`${gateway.origin}/health`, { method: 'GET' })).status).toBe(200)
    expect((await post({}, 'GET')).status).toBe(405)
  })

  it('does not help a page of a foreign origin, or a foreign host', async () => {
    gateway = await Gateway.start({ servers: {} })
    const authorization = `Bearer ${tokenOf(gateway)}`
    expect((await post({ authorization, origin: 'https://evil.example' })).status).toBe(403)
    expect((await post({ authorization, host: 'evil.example' })).status).toBe(403)
    // Refused for its host before anybody looks at its token.
    expect((await post({ host: 'evil.example' })).status).toBe(403)
  })

  it('is the one thing that is missing where the state folder cannot be written: the gateway serves', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder.path, 'state'), 'a file where the folder belongs')
    gateway = await Gateway.start({ servers: { one: tiny } }, { env: { XDG_STATE_HOME: join(folder.path, 'state') } })
    expect(logLines(gateway.running).some(({ message }) => /state folder cannot be written/.test(String(message)))).toBe(true)
    expect((await post({ authorization: 'Bearer x' })).status).toBe(503)
    writeFileSync(gateway.file, config('two'))
    await serves('two')
    await settled(gateway)
    folder.remove()
  })
})
