/** The headers of a session over Streamable HTTP, made anew only when the session or its version changes. */
import type { HttpHeaders } from './request-head.ts'

export class SessionHeaders {
  readonly #accept: string
  #session: string | undefined
  #version: string | undefined
  #get: HttpHeaders | undefined
  #post: HttpHeaders | undefined

  constructor(accept: string) {
    this.#accept = accept
  }

  get session(): string | undefined {
    return this.#session
  }

  /** The server has given the session an id, or the session is over. */
  name(session: string | undefined): void {
    if (session !== this.#session) this.#change(session, this.#version)
  }

  speak(version: string | undefined): void {
    this.#change(this.#session, version)
  }

  /** Of a request without a body. */
  get plain(): HttpHeaders {
    this.#get ??= {
      accept: this.#accept,
      ...(this.#session !== undefined && { 'mcp-session-id': this.#session }),
      ...(this.#version !== undefined && { 'mcp-protocol-version': this.#version }),
    }
    return this.#get
  }

  /** Of a message. */
  get post(): HttpHeaders {
    this.#post ??= { ...this.plain, 'content-type': 'application/json' }
    return this.#post
  }

  #change(session: string | undefined, version: string | undefined): void {
    this.#session = session
    this.#version = version
    this.#get = undefined
    this.#post = undefined
  }
}
