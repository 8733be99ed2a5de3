/** Asks the instances of a server that have been silent whether they still answer, and gives up the one that does not. */
import type { Log } from '../observe/log.ts'
import { asGatewayError, GatewayError } from '../protocol/errors.ts'
import { formatDuration } from '../std/duration.ts'
import type { ServerOptions } from './options.ts'
import { stderrTail } from './stdio.ts'

type HealthOptions = NonNullable<ServerOptions['health']>

/** What is seen of an instance that is up. */
export interface Patient {
  /** When it sent something last. */
  readonly lastContact: number
  readonly usage: { readonly since: number }
  readonly closed: boolean
  readonly connection: { readonly transport: string; readonly stderr: readonly string[] }
  /** What it sends is not read at this moment, because its client does not keep up. */
  readonly paused: boolean
  ping(timeoutMs: number): Promise<void>
  /** It counts as gone for this reason. */
  giveUp(error: GatewayError): void
}

export interface CheckupSetup {
  name: string
  log: Log
  /** Undefined where the config does not ask for checks. */
  options(): HealthOptions | undefined
  /** Those that are up: a server that sleeps is never woken for this. */
  instances(): Iterable<Patient>
}

interface Chart {
  checkedAt: number
  /** Pings in a row without an answer. */
  missed: number
  asking: boolean
  /** When it answered the last ping: that does not spare it the next one. */
  heard: number
}

export class Checkup {
  readonly #setup: CheckupSetup
  readonly #charts = new WeakMap<Patient, Chart>()
  /** How many good checks are left until it is healthy. */
  #owed = 0

  constructor(setup: CheckupSetup) {
    this.#setup = setup
  }

  /** Undefined where nobody looks. */
  get state(): 'healthy' | 'unhealthy' | undefined {
    if (!this.#setup.options()) return undefined
    return this.#owed > 0 ? 'unhealthy' : 'healthy'
  }

  /** How many pings in a row this instance has not answered. */
  missed(patient: Patient): number {
    return this.#charts.get(patient)?.missed ?? 0
  }

  /** An instance has come up, which takes an answer of its own. */
  started(): void {
    this.#good()
  }

  /** Checks those that it is time to check. */
  sweep(now: number): void {
    const options = this.#setup.options()
    if (!options) {
      this.#owed = 0
      return
    }
    for (const patient of this.#setup.instances()) {
      const chart = this.#chart(patient)
      if (!chart.asking && now - chart.checkedAt >= options.interval) void this.#check(patient, chart, { options, now })
    }
  }

  #chart(patient: Patient): Chart {
    const known = this.#charts.get(patient)
    if (known) return known
    const chart = { checkedAt: patient.usage.since, missed: 0, asking: false, heard: 0 }
    this.#charts.set(patient, chart)
    return chart
  }

  async #check(patient: Patient, chart: Chart, { options, now }: { options: HealthOptions; now: number }): Promise<void> {
    chart.checkedAt = now
    // Its answer would lie unread.
    if (patient.paused) return
    try {
      const quiet = now - patient.lastContact >= options.interval || patient.lastContact === chart.heard
      if (quiet) {
        chart.asking = true
        await patient.ping(options.timeout)
        chart.heard = patient.lastContact
      }
      chart.missed = 0
      this.#good()
    } catch (error) {
      // Messages that arrived meanwhile are life too, and what was paused meanwhile could not be heard.
      if (patient.closed || patient.paused || patient.lastContact > now) return
      this.#miss(patient, chart, { options, error: asGatewayError(error) })
    } finally {
      chart.asking = false
    }
  }

  #good(): void {
    if (this.#owed === 0 || --this.#owed > 0) return
    const { log, name } = this.#setup
    log.info({ server: name }, 'healthy again')
  }

  #miss(patient: Patient, chart: Chart, { options, error }: { options: HealthOptions; error: GatewayError }): void {
    const { log, name } = this.#setup
    chart.missed++
    log.debug({ server: name, missed: chart.missed, err: error }, 'a ping has no answer')
    // After the first that fails, each that does begins the count anew.
    if (this.#owed > 0) this.#owed = options.successes
    if (chart.missed < options.failures) return
    this.#owed = options.successes
    const count = chart.missed === 1 ? 'a ping' : `${chart.missed} pings in a row`
    const silence = error.code === 'timeout' ? ` within ${formatDuration(options.timeout)}` : `, at last because ${error.message}`
    const { transport, stderr } = patient.connection
    const words = transport === 'stdio' ? stderrTail(stderr) : ''
    const message = `${name} has not answered ${count}${silence} (servers.${name}.health)${words}`
    patient.giveUp(new GatewayError('interrupted', message))
  }
}
