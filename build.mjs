// Bundles src/ into dist/ so that the gateway starts fast: what a start needs is one file, the rest stays lazy.
import { rm } from 'node:fs/promises'
import { build } from 'esbuild'

/** Of undici only the pool of connections is needed; its index loads fetch, WebSocket and caches, for 170 ms and 13 MB. */
const undiciPool = {
  name: 'undici-pool',
  setup(build) {
    build.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'undici-pool' }))
    build.onLoad({ filter: /.*/, namespace: 'undici-pool' }, () => ({
      contents: "import Pool from 'undici/lib/dispatcher/pool.js'\nexport { Pool }",
      resolveDir: import.meta.dirname,
    }))
  },
}

const common = {
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  legalComments: 'none',
  minify: true,
  logLevel: 'warning',
}

await rm('dist', { recursive: true, force: true })
await build({
  ...common,
  entryPoints: { 'cli/main': 'src/cli/main.ts' },
  splitting: true,
  format: 'esm',
  external: ['express', '@modelcontextprotocol/*', 'execa', '@clack/prompts', '@napi-rs/keyring', 'gpt-tokenizer'],
  banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);" },
  plugins: [undiciPool],
})

// The bridge is one process per client, so its memory counts: Node's loader of ES modules alone would add two megabytes to it.
await build({
  ...common,
  entryPoints: { 'cli/connect': 'src/cli/bridge/main.ts' },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
})
