/** The storm: children killed, sessions forgotten, the config rewritten and the gateway restarted while ten clients call. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Health } from '../../src/downstream/health.ts'
import { Machine } from '../support/bridge.ts'
import { fixtureServer, type HttpServer, httpFixture } from '../support/gateway.ts'
import { groupLives, type Running, stop, until } from '../support/processes.ts'
import { tenCallers } from './callers.ts'
import { Random } from './random.ts'
import { SERVERS, type Tally, Traffic, type Weather } from './traffic.ts'

export interface StormOptions {
  seconds: number
  seed: number
}

export interface StormReport extends Tally {
  /** What was done to them. */
  killed: number
  /** Stopped in the middle of their work, as a server that hangs. */
  frozen: number
  /** Started anew or put to sleep by a person. */
  replaced: number
  forgotten: number
  cut: number
  rewritten: number
  restarted: number
  /** The runs of calls that may run once only, by nonce. */
  runs: Map<string, number>
  /** Processes that the last gateway started and that are left after its end. */
  left: number[]
  inFlight: number
}

/** In two minutes the config is rewritten so often. */
const REWRITES = 200 / 120
const KILLS_A_SECOND = 2
const FORGETS_A_SECOND = 1
const CUTS_A_SECOND = 0.2
const RESTARTS_A_SECOND = 1 / 10
const FREEZES_A_SECOND = 0.15
const REPLACEMENTS_A_SECOND = 0.4
/** So long an instance lives at least, but for one now and then. */
const YOUNG_MS = 1_500
/** A connection may have been broken by a gateway that was on its way out so long before. */
const SLACK_MS = 250

export class Storm implements Weather {
  over = false
  readonly #machine: Machine
  readonly #remote: HttpServer
  readonly #options: StormOptions
  readonly #record: string
  readonly #away: { from: number; to: number }[] = []
  readonly #counts = { killed: 0, frozen: 0, replaced: 0, forgotten: 0, cut: 0, rewritten: 0, restarted: 0 }
  /** Servers whose last instance was killed before it had a chance. */
  readonly #diedYoung = new Set<string>()
  #gateway: Running | undefined
  /** One after the other: a gateway that is restarted must find a config that is in order. */
  #turn: Promise<void> = Promise.resolve()
  #edition = 0
  /** What the gateways that are gone have said. */
  #log = ''

  private constructor(machine: Machine, remote: HttpServer, options: StormOptions) {
    this.#machine = machine
    this.#remote = remote
    this.#options = options
    this.#record = join(machine.folder.path, 'record')
  }

  static async run(options: StormOptions): Promise<StormReport> {
    const machine = await Machine.with({ servers: {} })
    const remote = await httpFixture(
      'recording.mjs',
      '--http',
      '--name',
      'remote',
      '--record',
      join(machine.folder.path, 'record'),
    )
    const storm = new Storm(machine, remote, options)
    try {
      return await storm.#run()
    } finally {
      if (storm.#gateway) await stop(storm.#gateway)
      await remote.stop()
      await machine.remove()
    }
  }

  awaySince(from: number): boolean {
    return this.#away.some((one) => one.to + SLACK_MS >= from)
  }

  async #run(): Promise<StormReport> {
    const random = new Random(this.#options.seed)
    this.#machine.configure(this.#config())
    this.#gateway = await this.#machine.serve()
    const callers = await tenCallers(this.#machine)
    const traffic = new Traffic(this)
    const ended = sleep(this.#options.seconds * 1_000).then(() => {
      this.over = true
    })
    await Promise.all([
      ended,
      traffic.run(callers, random.fork()),
      this.#often(KILLS_A_SECOND, random.fork(), (r) => this.#kill(r)),
      this.#often(FREEZES_A_SECOND, random.fork(), () => this.#freeze()),
      this.#often(REPLACEMENTS_A_SECOND, random.fork(), (r) => this.#replace(r)),
      this.#often(FORGETS_A_SECOND, random.fork(), () => this.#remotely('forget')),
      this.#often(CUTS_A_SECOND, random.fork(), () => this.#remotely('cut')),
      this.#often(REWRITES, random.fork(), (r) => this.#inTurn(() => this.#rewrite(r))),
      this.#often(RESTARTS_A_SECOND, random.fork(), (r) => this.#inTurn(() => this.#restart(r))),
    ])
    const idle = async () => (inFlightOf(await this.#health()) === 0 ? 0 : undefined)
    const inFlight = await until(idle, 'calls are under way', { ms: 5_000 }).catch(async () => inFlightOf(await this.#health()))
    await Promise.all(callers.map((caller) => caller.close()))
    if (process.env.CHAOS_LOG) writeFileSync(process.env.CHAOS_LOG, this.#log + (this.#gateway?.stderr() ?? ''))
    return { ...traffic.tally, ...this.#counts, inFlight, left: await this.#end(), runs: this.#runs() }
  }

  /** Does something so often on average, at moments that the seed decides. */
  async #often(aSecond: number, random: Random, act: (random: Random) => Promise<void>): Promise<void> {
    const times = Math.round(aSecond * this.#options.seconds)
    const begun = Date.now()
    // Each at a moment of its own share of the time, not so late that it is over before it shows.
    const share = (this.#options.seconds * 970) / times
    for (let n = 0; n < times; n++) {
      await sleep(Math.max(0, begun + share * (n + random.next()) - Date.now()))
      await act(random)
    }
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(act)
    this.#turn = done
    return done
  }

  async #health(): Promise<Health> {
    return (await (await fetch(`http://127.0.0.1:${this.#machine.port}/health`)).json()) as Health
  }

  /** Kills a child, most often one that works on a call, now and then one that has hardly begun. */
  async #kill(random: Random): Promise<void> {
    const health = await this.#health().catch(() => undefined)
    const young = random.chance(0.3)
    const instances = (health?.servers ?? []).flatMap(({ name, instances }) =>
      instances
        .map(({ pid, inFlight, startedAt }) => ({ name, pid, inFlight, young: Date.now() - Date.parse(startedAt) < YOUNG_MS }))
        // Who kills faster than servers can start proves nothing.
        .filter((one) => one.pid !== undefined && (!one.young || (young && !this.#diedYoung.has(name)))),
    )
    const working = instances.filter(({ inFlight }) => inFlight > 0)
    const victim = working.length > 0 && random.chance(0.8) ? random.pick(working) : random.pick(instances)
    if (victim === undefined) return
    if (victim.young) this.#diedYoung.add(victim.name)
    else this.#diedYoung.delete(victim.name)
    try {
      process.kill(victim.pid as number, 'SIGKILL')
      this.#counts.killed++
    } catch {
      // It has gone by itself since.
    }
  }

  /** A server that hangs: its process is there and does nothing. */
  async #freeze(): Promise<void> {
    const health = await this.#health().catch(() => undefined)
    const frail = health?.servers.find(({ name }) => name === 'frail')?.instances.find(({ inFlight }) => inFlight > 0)
    if (frail?.pid === undefined) return
    try {
      process.kill(frail.pid, 'SIGSTOP')
      this.#counts.frozen++
    } catch {
      // It has gone by itself since.
    }
  }

  /** A person has a server started anew, or put to sleep. */
  async #replace(random: Random): Promise<void> {
    const authorization = `Bearer ${readFileSync(join(this.#machine.state, 'mcp-gw', 'token'), 'utf8').trim()}`
    const path = `/api/servers/${random.pick(SERVERS)}/${random.pick(['reconnect', 'reconnect', 'stop'])}`
    const sent = fetch(`http://127.0.0.1:${this.#machine.port}${path}`, { method: 'POST', headers: { authorization } })
    const { ok } = await sent.catch(() => ({ ok: false }))
    if (ok) this.#counts.replaced++
  }

  async #remotely(what: 'forget' | 'cut'): Promise<void> {
    this.#remote.running.child.stdin?.write(`${what}\n`)
    this.#counts[what === 'forget' ? 'forgotten' : 'cut']++
  }

  /** Writes another config as some editor would, or one that is not in order. */
  async #rewrite(random: Random): Promise<void> {
    const { config: file } = this.#machine
    this.#edition++
    const text = random.chance(0.2) ? random.pick(BROKEN) : this.#text()
    const styles = [
      () => replaced(file, text),
      () => replaced(file, text),
      () => writeFileSync(file, text),
      // In two halves, as a slow editor or a full disk does it.
      async () => {
        writeFileSync(file, text.slice(0, text.length / 2))
        await sleep(random.between(5, 80))
        writeFileSync(file, text)
      },
      // Away and back.
      async () => {
        rmSync(file)
        await sleep(random.between(5, 80))
        writeFileSync(file, text)
      },
    ]
    await random.pick(styles)()
    this.#counts.rewritten++
  }

  async #restart(random: Random): Promise<void> {
    replaced(this.#machine.config, this.#text())
    const away = { from: Date.now(), to: Number.POSITIVE_INFINITY }
    this.#away.push(away)
    await stop(this.#gateway as Running, random.chance(0.5) ? 'SIGKILL' : 'SIGTERM')
    this.#log += `${this.#gateway?.stderr()}\n==== restarted\n`
    this.#gateway = await this.#machine.serve()
    away.to = Date.now()
    this.#counts.restarted++
  }

  #text(): string {
    return JSON.stringify({ listen: { port: this.#machine.port }, ...this.#config() }, null, 2)
  }

  /** Two servers and a remote one that stay as they are, one that changes, and guests that come and go. */
  #config() {
    const entry = (name: string) => fixtureServer('recording.mjs', '--name', name, '--record', this.#record)
    const edition = this.#edition
    return {
      // Shorter than some calls, so that they outlast the server, or the gateway, that they came to.
      shutdown: { grace: '300ms' },
      servers: {
        one: entry('one'),
        // Another treatment, not another process.
        two: { ...entry('two'), timeout: `${60 + (edition % 7)}s` },
        remote: { url: this.#remote.url },
        frail: { ...entry('frail'), health: { interval: '300ms', timeout: '700ms', failures: 2 } },
        shop: { ...entry('shop'), instances: 'workspace' },
        restless: { ...entry('restless'), env: { EDITION: String(Math.floor(edition / 5)) } },
        ...(edition % 3 === 1 && { guest: entry('guest') }),
      },
    }
  }

  /** Ends the gateway; gives the processes that it has left behind. */
  async #end(): Promise<number[]> {
    const { servers } = await this.#health()
    const pids = servers.flatMap(({ instances }) => instances.flatMap(({ pid }) => pid ?? []))
    await stop(this.#gateway as Running)
    this.#gateway = undefined
    await until(() => (pids.some(groupLives) ? undefined : true), 'children are left', { ms: 3_000 }).catch(() => undefined)
    return pids.filter(groupLives)
  }

  #runs(): Map<string, number> {
    const runs = new Map<string, number>()
    for (const nonce of readFileSync(this.#record, 'utf8').trim().split('\n')) runs.set(nonce, (runs.get(nonce) ?? 0) + 1)
    return runs
  }
}

const BROKEN = [
  '',
  'servers: [',
  'servers: { one: { comand: node } }',
  '{"servers": {"one": {"command": "node", "url": "http://127.0.0.1:1"}}}',
  'listen: { port: never }',
]

function replaced(file: string, text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

function inFlightOf({ servers }: Health): number {
  return servers.flatMap(({ instances }) => instances).reduce((sum, { inFlight }) => sum + inFlight, 0)
}
