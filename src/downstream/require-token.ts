/** Lets only those change the gateway who can read its token: whoever runs it, and the commands that this person runs. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'

/** `token` gives the token as it is at this moment; it rejects where there is none to be had. */
export function requireToken(token: () => Promise<string>): RequestHandler {
  return async (req, res, next) => {
    const given = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1]
    if (given === undefined) {
      res.setHeader('www-authenticate', 'Bearer realm="mcp-gw"')
      res.status(401).json({ error: `${req.method} ${req.originalUrl} changes the gateway and needs its token; ${MEND}` })
      return
    }
    const wanted = await token().catch((error: Error) => error)
    if (wanted instanceof Error) {
      res.status(503).json({ error: `the gateway has no token to compare with: ${wanted.message}` })
    } else if (equal(given, wanted)) {
      next()
    } else {
      res.setHeader('www-authenticate', 'Bearer realm="mcp-gw", error="invalid_token"')
      res.status(401).json({ error: `this is not the token of this gateway; ${MEND}` })
    }
  }
}

const MEND = 'send Authorization: Bearer with what stands in the file `token` of its state folder, as mcp-gw reload does'

/** Takes as long for a token that is nearly right as for one that is not: digests have one length. */
function equal(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
