/** Uses an entry as the client would whose file it stands in. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

/** Connects by an entry with `url`, or with `command` and `args`, in the home of this place. */
export async function connect({ url, command, args }, { home, env }) {
  const client = new Client({ name: 'clients-real', version: '1.0.0' })
  const transport = url
    ? new StreamableHTTPClientTransport(new URL(url))
    : new StdioClientTransport({ command, args, env, cwd: home, stderr: 'ignore' })
  await client.connect(transport)
  return client
}
