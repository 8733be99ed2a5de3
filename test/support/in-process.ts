/** The gateway without its wires in the process of a test, with a client that speaks to it directly. */
import { join } from 'node:path'
import { type Config, configSchema } from '../../src/config/schema.ts'
import { Engine } from '../../src/gateway/engine.ts'
import type { Session, Wishes } from '../../src/gateway/session.ts'
import type { Log } from '../../src/observe/log.ts'
import { isMalformed, readMessage } from '../../src/protocol/read.ts'
import { Children } from '../../src/upstream/children.ts'
import type { Server } from '../../src/upstream/server.ts'
import { SnapshotFolder } from '../../src/upstream/snapshot.ts'
import { quietLog } from './quiet-log.ts'

const OUTLET = { send: () => undefined }

export interface OpenOptions {
  client?: { name: string; version?: string }
  wishes?: Wishes
  /** Told the method of each notification. */
  heard?: (method: string) => void
}

export class InProcess {
  readonly engine: Engine
  #session: Session | undefined
  #nextId = 1

  constructor(config: object, stateDir: string, log: Log = quietLog()) {
    const settled: Config = configSchema.parse(config)
    const children = new Children({ env: process.env, stateDir, log })
    const snapshots = new SnapshotFolder(join(stateDir, 'snapshots'), log)
    this.engine = new Engine({ ...settled, version: '0', log, children, snapshots })
  }

  get servers(): Server[] {
    return [...this.engine.generation.members.values()].map(({ server }) => server)
  }

  /** Opens the session in which `request` speaks. */
  async open({ client = { name: 'test', version: '1' }, wishes = {}, heard }: OpenOptions = {}): Promise<Session> {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: client }
    const initialize = parsed({ jsonrpc: '2.0', id: 0, method: 'initialize', params })
    const send = (chunks: readonly Buffer[]): void => heard?.(JSON.parse(Buffer.concat([...chunks]).toString()).method)
    const { session } = await this.engine.open({ door: this.engine.endpoints.main, initialize, outlet: { send }, wishes })
    this.#session = session
    return session
  }

  /** The result of `initialize` for a client that says this of itself. */
  async introduce(clientInfo: { name: string }): Promise<object> {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
    const initialize = parsed({ jsonrpc: '2.0', id: 0, method: 'initialize', params })
    const { answer } = await this.engine.open({ door: this.engine.endpoints.main, initialize, outlet: OUTLET })
    return JSON.parse(Buffer.concat([...answer]).toString()).result
  }

  /** The answer to a request, as its bytes. */
  async request(method: string, params: object = {}, session = this.#session as Session): Promise<string> {
    const message = parsed({ jsonrpc: '2.0', id: this.#nextId++, method, params })
    const answer = await this.engine.receive(session, message, OUTLET)
    return Buffer.concat([...(answer ?? [])]).toString()
  }

  close(): Promise<void> {
    return this.engine.close()
  }
}

function parsed(json: object) {
  const message = readMessage(Buffer.from(JSON.stringify(json)))
  if (isMalformed(message)) throw new Error(message.message)
  return message
}
