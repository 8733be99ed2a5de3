// Bundles src/ into dist/ so that the gateway starts fast: what a start needs is one file, the rest stays lazy.
import { rm } from 'node:fs/promises'
import { build } from 'esbuild'

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
  // Some packages have a second form for bundlers; the first one may look for its parts while it runs.
  mainFields: ['module', 'main'],
  external: ['express', '@modelcontextprotocol/*', 'execa', '@clack/prompts', '@napi-rs/keyring', 'gpt-tokenizer'],
  banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);" },
})

// The bridge is one process per client, so its memory counts: Node's loader of ES modules alone would add two megabytes to it.
await build({
  ...common,
  entryPoints: { 'cli/connect': 'src/cli/bridge/main.ts' },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
})
