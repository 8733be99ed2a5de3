/** The route by which whoever runs the gateway chooses the profile that clients are shown, while it runs. */
import { type RequestHandler, Router } from 'express'
import type { Engine } from '../gateway/engine.ts'
import { asGatewayError } from '../protocol/errors.ts'

/** What was chosen. */
export interface ProfileReport {
  /** Undefined where the config says again which one it is. */
  profile: string | undefined
  /** A glob of the names that clients give of themselves; undefined where all are meant. */
  client: string | undefined
  /** How many of the clients that are connected have that profile before them now. */
  sessions: number
}

/** `POST /-/profile?name=NAME&client=GLOB`; without a name, the config holds again. */
export function profileRoute(engine: Engine, mayChange: RequestHandler): Router {
  const router = Router()
  router.post('/', mayChange, (req, res) => {
    const { name, client } = req.query
    if ((name !== undefined && !isText(name)) || (client !== undefined && !isText(client))) {
      res.status(400).json({ error: 'name and client are texts, each given once: /-/profile?name=work&client=cursor*' })
      return
    }
    try {
      if (name === undefined) engine.endpoints.unchoose(client)
      else engine.endpoints.choose(client ?? '*', name)
    } catch (error) {
      const { message } = asGatewayError(error)
      res.status(404).json({ error: message })
      return
    }
    engine.settle()
    const sessions = [...engine.sessions.values()].filter(
      ({ endpoint }) => name !== undefined && endpoint.profile === name,
    ).length
    res.json({ profile: name, client, sessions } satisfies ProfileReport)
  })
  router.all('/', (req, res) => {
    res.setHeader('allow', 'POST')
    res.status(405).json({ error: `${req.method} is not a method of /-/profile; POST chooses a profile` })
  })
  return router
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
