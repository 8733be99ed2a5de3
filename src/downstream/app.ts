/** The Express app behind the MCP endpoints: health for now, and a clear answer to every other path. */
import express, { type Express } from 'express'
import type { Engine } from '../gateway/engine.ts'
import { health, healthWithMemory } from './health.ts'

export function createApp(engine: Engine): Express {
  const app = express()
  app.disable('x-powered-by')
  app.get('/health', async (req, res) => {
    const report = 'memory' in req.query ? await healthWithMemory(engine) : health(engine)
    res.status(report.status === 'unhealthy' ? 503 : 200).json(report)
  })
  app.use((req, res) => {
    res.status(404).json({ error: `there is nothing at ${req.path}; MCP is at /mcp, the state of the gateway at /health` })
  })
  return app
}
