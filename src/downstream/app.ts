/** The Express app behind the MCP endpoints: health, what changes the gateway, and a clear answer to every other path. */
import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Engine } from '../gateway/engine.ts'
import type { ConfigProblem, ConfigState } from '../observe/config-state.ts'
import { health, withMemory } from './health.ts'
import { profileRoute } from './profile-route.ts'
import { requireToken } from './require-token.ts'
import { serverRoutes } from './server-routes.ts'

/** What only whoever runs the gateway may ask of it. */
export interface Admin {
  /** The local token. */
  token(): Promise<string>
  config(): ConfigState
  /** Loads the config anew: says what has changed, or why nothing has. */
  reload(): Promise<{ report: object } | { problems: readonly ConfigProblem[] }>
}

export function createApp(engine: Engine, admin: Admin): Express {
  const app = express()
  // Every route that changes something stands behind this.
  const mayChange = requireToken(admin.token)
  app.disable('x-powered-by')
  app.get('/health', async (req, res) => {
    const report = health(engine, admin.config())
    if ('memory' in req.query) await withMemory(report)
    res.status(report.status === 'unhealthy' ? 503 : 200).json(report)
  })
  app.post('/-/reload', mayChange, async (_req, res) => {
    const outcome = await admin.reload()
    if ('report' in outcome) res.json(outcome.report)
    else res.status(422).json({ error: 'the config has problems; the one before it stays in force', problems: outcome.problems })
  })
  app.all('/-/reload', (req, res) => {
    res.setHeader('allow', 'POST')
    res.status(405).json({ error: `${req.method} is not a method of /-/reload; POST reloads the config` })
  })
  app.use('/-/profile', profileRoute(engine, mayChange))
  app.use('/api/servers', serverRoutes(engine, mayChange))
  app.use((req, res) => {
    res.status(404).json({ error: `there is nothing at ${req.path}; MCP is at /mcp, the state of the gateway at /health` })
  })
  // A path that cannot be decoded, and whatever else a route did not expect: as JSON, and without a stack.
  app.use(((error: Error & { status?: number }, _req, res, _next) => {
    res.status(error.status ?? 500).json({ error: error.message })
  }) satisfies ErrorRequestHandler)
  return app
}
