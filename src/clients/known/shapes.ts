/** The shapes of entries that several clients share: how they write an address, and how a program. */
import type { HttpTarget, StdioTarget } from '../client.ts'
import type { Tree } from '../formats/format.ts'

/** The headers, where there are any: most clients want no empty map. */
const withHeaders = (headers: Record<string, string>): Tree => (Object.keys(headers).length > 0 ? { headers } : {})

const withEnv = (env: Record<string, string>): Tree => (Object.keys(env).length > 0 ? { env } : {})

/** `{url}`: the client finds the transport out by itself. */
export const bareUrl = ({ url, headers }: HttpTarget): Tree => ({ url, ...withHeaders(headers) })

/** `{type: http, url}` */
export const typedUrl = ({ url, headers }: HttpTarget): Tree => ({ type: 'http', url, ...withHeaders(headers) })

/** `{serverUrl}` */
export const serverUrl = ({ url, headers }: HttpTarget): Tree => ({ serverUrl: url, ...withHeaders(headers) })

/** `{httpUrl}`: there, `url` means the older transport. */
export const httpUrl = ({ url, headers }: HttpTarget): Tree => ({ httpUrl: url, ...withHeaders(headers) })

/** `{command, args}` */
export const command = ({ command, args, env }: StdioTarget): Tree => ({ command, args, ...withEnv(env) })

/** `{type: stdio, command, args}` */
export const typedCommand = (target: StdioTarget): Tree => ({ type: 'stdio', ...command(target) })
