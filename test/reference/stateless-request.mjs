/** One request of the stateless era in bytes of our own, where the SDK would do more than was asked for. */

const version = '2026-07-28'

/** Resolves to the result; the answer has to come as JSON. */
export async function statelessRequest(url, { method, params = {}, capabilities = {}, info }) {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    ...(info && { 'io.modelcontextprotocol/clientInfo': info }),
  }
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': version,
    'mcp-method': method,
    ...(params.name && { 'mcp-name': params.name }),
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } })
  const response = await fetch(url, { method: 'POST', headers, body })
  const { result, error } = await response.json()
  if (error) throw new Error(`${url} answered ${method} with ${error.code}: ${error.message}`)
  return result
}
