/** The resources of the reference server: text, bytes, one that changes, and a template. */
import { ResourceTemplate } from '@modelcontextprotocol/server'
import { pngBase64 } from './samples.mjs'
import { watchedUri } from './world.mjs'

export function registerResources(mcp, world) {
  mcp.registerResource(
    'static-text',
    'test://static-text',
    { description: 'Text that never changes.', mimeType: 'text/plain' },
    (uri) => textOf(uri, 'text/plain', 'This is the content of the static text resource.'),
  )
  mcp.registerResource(
    'static-binary',
    'test://static-binary',
    { description: 'An image that never changes.', mimeType: 'image/png' },
    (uri) => ({ contents: [{ uri: uri.href, mimeType: 'image/png', blob: pngBase64 }] }),
  )
  mcp.registerResource(
    'watched-resource',
    watchedUri,
    { description: 'Text that test_trigger_resource_update changes.', mimeType: 'text/plain' },
    (uri) => textOf(uri, 'text/plain', `Revision ${world.watchedRevision}`),
  )
  mcp.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', {
      list: undefined,
      complete: { id: (value) => ['1', '12', '123'].filter((id) => id.startsWith(value)) },
    }),
    { description: 'Data about any id.', mimeType: 'application/json' },
    (uri, { id }) => textOf(uri, 'application/json', JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` })),
  )
}

function textOf(uri, mimeType, text) {
  return { contents: [{ uri: uri.href, mimeType, text }] }
}
