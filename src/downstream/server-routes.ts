/** The routes by which whoever runs the gateway has one server started anew, or put to sleep. */

import { type RequestHandler, type Response, Router } from 'express'
import type { Engine } from '../gateway/engine.ts'
import type { Member } from '../gateway/member.ts'
import { asGatewayError, type GatewayError } from '../protocol/errors.ts'
import { clock } from '../std/clock.ts'
import type { Server } from '../upstream/server.ts'
import type { ServerState } from '../upstream/server-setup.ts'
import { serverHealth } from './health.ts'

/** What became of a server that was started anew or put to sleep. */
export interface ServerReport {
  server: string
  ok: boolean
  state: ServerState
  /** The processes that were ended, or will be as soon as their calls are done. */
  ended: number[]
  /** The processes that it has now. */
  pids: number[]
  transport: 'stdio' | 'streamable' | 'sse' | undefined
  /** The revision of the protocol that it speaks. */
  protocol: string | undefined
  tools: number
  /** How long it took, in milliseconds. */
  ms: number
  /** Why it did not start, and its last lines on stderr. */
  error?: string
  stderr?: string[]
}

export function serverRoutes(engine: Engine, mayChange: RequestHandler): Router {
  const router = Router()
  const route = (path: string, act: (name: string) => Promise<ServerReport>): void => {
    router.post(path, mayChange, async (req, res) => {
      try {
        const report = await act(String(req.params.name))
        res.status(report.ok ? 200 : 502).json(report)
      } catch (error) {
        refuse(res, asGatewayError(error))
      }
    })
    router.all(path, (req, res) => {
      res.setHeader('allow', 'POST')
      res.status(405).json({ error: `${req.method} is not a method of ${req.originalUrl}; POST it` })
    })
  }
  route('/:name/reconnect', (name) => reconnect(engine, name))
  route('/:name/stop', (name) => sleep(engine, name))
  return router
}

async function reconnect(engine: Engine, name: string): Promise<ServerReport> {
  const place = engine.place(name)
  const ended = pidsOf(place.server)
  const began = clock()
  engine.log.info({ server: name, ended }, 'somebody wants the server started anew')
  const failure = await place.reconnect().then(() => undefined, asGatewayError)
  return report(engine.place(name).member(), { ended, began, failure })
}

async function sleep(engine: Engine, name: string): Promise<ServerReport> {
  const place = engine.place(name)
  const ended = pidsOf(place.server)
  const began = clock()
  engine.log.info({ server: name, ended }, 'somebody wants the server put to sleep')
  await place.sleep()
  return report(engine.place(name).member(), { ended, began, failure: undefined })
}

function report(
  member: Member,
  { ended, began, failure }: { ended: number[]; began: number; failure: GatewayError | undefined },
): ServerReport {
  const { name, state, instances, transport, protocol, tools, stderr } = serverHealth(member)
  const pids = instances.flatMap(({ pid }) => pid ?? [])
  const ms = Math.round(clock() - began)
  const known = { server: name, ok: !failure, state, ended, pids, transport, protocol, tools, ms }
  return failure ? { ...known, error: failure.message, stderr } : known
}

function refuse(res: Response, { wire, message, code }: GatewayError): void {
  res.status(code === 'unavailable' ? 503 : wire.http).json({ error: message })
}

function pidsOf({ instances }: Server): number[] {
  return instances.flatMap(({ connection }) => connection.pid ?? [])
}
