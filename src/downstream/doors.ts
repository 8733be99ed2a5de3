/** The address that the gateway listens on, and those it has left, where what was open goes on until it ends. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Longer than the pools of most clients keep a connection, so that it is they who close it. */
const KEEP_ALIVE_MS = 75_000

export interface Address {
  host: string
  port: number
}

export class Doors {
  readonly #request: (req: IncomingMessage, res: ServerResponse) => void
  readonly #servers = new Set<http.Server>()
  #open: http.Server | undefined
  /** Where it is open; the port is the one that the system gave. */
  #address: Address | undefined

  constructor(request: (req: IncomingMessage, res: ServerResponse) => void) {
    this.#request = request
  }

  /** Opens this address and then leaves the one before it. Resolves with the URL; rejects, and changes nothing, where it cannot. */
  async move(address: Address): Promise<string> {
    const before = this.#open
    const after = await this.#listen(address).catch((error: NodeJS.ErrnoException) => {
      // Every address of the machine and one of them overlap: then it may be ourselves who hold the port.
      if (before && error.code === 'EADDRINUSE' && this.#address?.port === address.port) return this.#exchange(before, address)
      throw error
    })
    this.#open = after
    const { host } = address
    const { port } = after.address() as AddressInfo
    this.#address = { host, port }
    if (before) this.#leave(before)
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}/mcp`
  }

  /** Stops accepting connections; those that are open go on. */
  stop(): void {
    if (this.#open) this.#leave(this.#open)
    this.#open = undefined
  }

  /** Cuts every connection that is left. */
  cut(): void {
    for (const server of this.#servers) server.closeAllConnections()
  }

  /** Leaves an address before the next is open, and comes back where that fails. */
  async #exchange(before: http.Server, address: Address): Promise<http.Server> {
    this.#leave(before)
    try {
      return await this.#listen(address)
    } catch (error) {
      this.#open = await this.#listen(this.#address as Address)
      throw error
    }
  }

  #listen({ host, port }: Address): Promise<http.Server> {
    const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (req, res) => {
      // A connection that stays open would go on being used although its address is left.
      if (!server.listening) res.setHeader('connection', 'close')
      this.#request(req, res)
    })
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        this.#servers.add(server)
        server.once('close', () => this.#servers.delete(server))
        resolve(server)
      })
    })
  }

  #leave(server: http.Server): void {
    server.close()
    server.closeIdleConnections()
  }
}
