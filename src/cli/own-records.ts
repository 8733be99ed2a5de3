/** The records by which our commands find this gateway: one for each config file that it has served. */
import type { Log } from '../observe/log.ts'
import { Exit } from './exit.ts'
import { GatewayLock } from './gateway-lock.ts'
import { recordFile } from './gateway-record.ts'

const NO_TRACES = 'the state folder cannot be written; mcp-gw reload and other commands cannot reach this gateway'

export class OwnRecords {
  readonly #log: Log
  /** One in the background is the only one for its config, or none. One in the foreground serves in any case. */
  readonly #background: boolean
  readonly #locks = new Map<string, GatewayLock>()

  constructor(background: boolean, log: Log) {
    this.#background = background
    this.#log = log
    process.once('exit', () => this.release())
  }

  /** Says that a gateway for this config is on its way, before it listens. */
  async starting(config = ''): Promise<void> {
    await this.#written(() => this.#take(config))
  }

  /** Says where the gateway listens; also when the address or the config has changed. */
  async listening(url: string, config = ''): Promise<void> {
    await this.#written(async () => {
      if (this.#locks.get(config)?.listening(url)) return
      if (this.#background && this.#locks.has(config))
        throw new Exit(1, 'another gateway was started for this config at the same moment')
      await this.#take(config, url)
    })
  }

  /** From here on another gateway may serve these configs. */
  release(): void {
    for (const lock of this.#locks.values()) lock.release()
    this.#locks.clear()
  }

  async #take(config: string, url?: string): Promise<void> {
    const first = this.#locks.size === 0
    const about = { config, background: this.#background, ...(url !== undefined && { url }) }
    const taken = await GatewayLock.take(recordFile(config, process.env), about)
    if (taken instanceof GatewayLock) this.#locks.set(config, taken)
    else if (this.#background && first) throw new Exit(1, `the gateway of this config is running already (pid ${taken.pid})`)
  }

  /** A person's gateway serves without a record, where there is no place for one. */
  async #written(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      if (error instanceof Exit || this.#background) throw error
      this.#log.warn({ err: error }, NO_TRACES)
    }
  }
}
