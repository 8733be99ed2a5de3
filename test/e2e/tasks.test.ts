/** Tools that work only as tasks are called like any other, and what a task asks meanwhile reaches the client. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, packageServer } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { ask, type Said } from '../support/stateless.ts'

const RESEARCH = 'everything__simulate-research-query'
const FORMS = { elicitation: { form: {} } }
const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } }

let gateway: Gateway

beforeAll(async () => {
  gateway = await Gateway.start({ servers: { everything: packageServer('everything'), digger: fixtureServer('tasking.mjs') } })
})

afterAll(() => gateway.stop())

describe('a tool that works only as a task', () => {
  it('gives a client that simply calls it the result', async () => {
    const client = await TestClient.http(gateway.url())
    await client.toolNames()
    expect(await client.text(RESEARCH, { topic: 'bees' })).toContain('Research Report: bees')
    await client.close()
  })

  it('ignores a wish for a task, which is nothing that the gateway has offered', async () => {
    const client = await TestClient.http(gateway.url())
    await client.toolNames()
    const echo = await client.request('tools/call', {
      name: 'everything__echo',
      arguments: { message: 'x' },
      task: { ttl: 1_000 },
    })
    expect(echo).toMatchObject({ content: [{ type: 'text', text: 'Echo: x' }] })
    const params = { name: RESEARCH, arguments: { topic: 'wasps' }, task: { ttl: 60_000 } }
    expect(JSON.stringify(await client.request('tools/call', params))).toContain('Research Report: wasps')
    await client.close()
  })

  it('asks the client while it works', async () => {
    const asked: unknown[] = []
    const client = await TestClient.http(gateway.url(), FORMS, {
      'elicitation/create': (params: unknown) => {
        asked.push(params)
        return { action: 'accept', content: { interpretation: 'technical' } }
      },
    })
    await client.toolNames()
    expect(await client.text(RESEARCH, { topic: 'python', ambiguous: true })).toContain('**Clarification**: technical')
    expect(asked).toHaveLength(1)
    await client.close()
  })
})

describe('a client of the stateless era that takes tasks', () => {
  const about = async (
    method: string,
    taskId: string,
    { url = gateway.url(), capabilities = TASKS as object, params = {} } = {},
  ) => {
    const reply = await ask(url, method, { taskId, ...params }, { capabilities, headers: { 'mcp-name': taskId } })
    return reply.last
  }
  const settled = (taskId: string, url = gateway.url(), capabilities: object = TASKS): Promise<Said> =>
    until(async () => {
      const told = await about('tasks/get', taskId, { url, capabilities })
      return told.result?.status === 'working' ? undefined : told
    }, 'the task goes on working')

  it.each(['', 'everything'])('is handed a call that takes long, at the endpoint "%s"', async (server) => {
    const url = gateway.url(server || undefined)
    const name = server ? 'simulate-research-query' : RESEARCH
    expect((await ask(url, 'server/discover')).last.result.capabilities).toMatchObject(TASKS)
    await ask(url, 'tools/list', {}, { capabilities: TASKS })
    const handed = (await ask(url, 'tools/call', { name, arguments: { topic: 'ants' } }, { capabilities: TASKS })).last.result
    expect(handed).toMatchObject({ resultType: 'task', status: 'working', pollIntervalMs: 1_000 })
    const done = (await settled(handed.taskId, url)).result
    expect(done).toMatchObject({ resultType: 'complete', status: 'completed', taskId: handed.taskId })
    expect(JSON.stringify(done.result)).toContain('Research Report: ants')
  })

  it('answers what the task asks, and another client knows nothing of it', async () => {
    const able = { ...TASKS, ...FORMS }
    const params = { name: RESEARCH, arguments: { topic: 'python', ambiguous: true } }
    const { taskId } = (await ask(gateway.url(), 'tools/call', params, { capabilities: able })).last.result
    const asking = (await settled(taskId, gateway.url(), able)).result
    expect(asking.status).toBe('input_required')
    const [key = ''] = Object.keys(asking.inputRequests)
    expect((await about('tasks/get', taskId, { capabilities: TASKS })).error?.code).toBe(-32602)
    const inputResponses = { [key]: { action: 'accept', content: { interpretation: 'technical' } } }
    await about('tasks/update', taskId, { capabilities: able, params: { inputResponses } })
    const done = (await settled(taskId, gateway.url(), able)).result
    expect(JSON.stringify(done.result)).toContain('**Clarification**: technical')
  })

  it('cancels a task', async () => {
    const params = { name: RESEARCH, arguments: { topic: 'moths' } }
    const { taskId } = (await ask(gateway.url(), 'tools/call', params, { capabilities: TASKS })).last.result
    expect((await about('tasks/cancel', taskId)).result).toMatchObject({ resultType: 'complete' })
    expect((await about('tasks/get', taskId)).result.status).toBe('cancelled')
    expect((await about('tasks/get', 'nobody/has this')).error).toMatchObject({ code: -32602 })
  })

  it('looks after a task of a server of its own era, which goes by a name that says whose it is', async () => {
    const params = { name: 'digger__dig', arguments: { what: 'gold' } }
    const begun = (await ask(gateway.url(), 'tools/call', params, { capabilities: TASKS })).last.result
    expect(begun).toMatchObject({ resultType: 'task', taskId: 'digger/task 1' })
    const done = (await settled(begun.taskId)).result
    expect(done).toMatchObject({ taskId: 'digger/task 1', status: 'completed', result: { content: [{ text: 'found gold' }] } })
    const own = await about('tasks/get', 'task 1', { url: gateway.url('digger') })
    expect(own.result).toMatchObject({ taskId: 'task 1', status: 'completed' })
  })
})

describe('a tool of a stateless server that only answers clients which take tasks', () => {
  it('is called for a client of the session era, which is asked what the task asks', async () => {
    const client = await TestClient.http(gateway.url(), FORMS, {
      'elicitation/create': () => ({ action: 'accept', content: { where: 'below' } }),
    })
    await client.toolNames()
    expect(await client.text('digger__mine', { what: 'coal' })).toBe('found coal below')
    await client.close()
  })

  it('is refused to a client of its own era that does not say that it takes them', async () => {
    const { last, status } = await ask(gateway.url(), 'tools/call', { name: 'digger__mine', arguments: {} })
    expect(status).toBe(400)
    expect(last.error).toMatchObject({ code: -32021, data: { requiredCapabilities: TASKS } })
  })
})

describe('a server that works on a task', () => {
  it('does not fall asleep over it, and does when it is done', async () => {
    const own = await Gateway.start({ servers: { everything: { ...packageServer('everything'), idle: '1s' } } })
    const client = await TestClient.http(own.url('everything'))
    const params = { name: 'simulate-research-query', arguments: { topic: 'owls' }, task: { ttl: 60_000 } }
    const { task } = (await client.request('tools/call', params)) as { task: { taskId: string } }
    const awake = async () => (await own.pids()).length
    for (let waited = 0; waited < 12; waited++) {
      await new Promise((resolve) => setTimeout(resolve, 250))
      expect(await awake()).toBe(1)
    }
    expect(JSON.stringify(await client.request('tasks/result', { taskId: task.taskId }))).toContain('Research Report: owls')
    await until(async () => ((await awake()) === 0 ? true : undefined), 'it stays awake')
    await client.close()
    await own.stop()
  })
})
