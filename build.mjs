// Bundles src/ into dist/ so that the gateway starts fast: what a start needs is one file, the rest stays lazy.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { build as esbuild } from 'esbuild'

const common = {
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  legalComments: 'none',
  minify: true,
  // Some packages have a second form for bundlers; the first one may look for its parts while it runs.
  mainFields: ['module', 'main'],
  logLevel: 'warning',
  write: false,
}

const externals = [
  'express',
  '@modelcontextprotocol/*',
  'execa',
  '@clack/prompts',
  '@napi-rs/keyring',
  'gpt-tokenizer',
  'image-size',
]

/** One character beyond ASCII makes V8 hold a whole source in twice the memory; esbuild leaves those that stand in regular expressions. */
async function build(options) {
  const { outputFiles } = await esbuild({ ...common, ...options })
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(
      path,
      text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    )
  }
}

await rm('dist', { recursive: true, force: true })
await build({
  entryPoints: { 'cli/main': 'src/cli/main.ts' },
  splitting: true,
  format: 'esm',
  external: externals,
  banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);" },
})

/** What a log that writes to a stream of ours never comes to: threads that write, files, and what is to happen at their end. */
const UNUSED = /^(thread-stream|sonic-boom|on-exit-leak-free|worker_threads)$/
const withoutUnused = {
  name: 'without what is not used',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: UNUSED }, ({ path, importer }) =>
      importer.includes('/node_modules/pino/') ? { path, namespace: 'unused' } : undefined,
    )
    onLoad({ filter: UNUSED, namespace: 'unused' }, () => ({ contents: 'module.exports = class { static isMainThread = true }' }))
  },
}

const url = "const __url=require('node:url').pathToFileURL(__filename).href;"
const commonJs = {
  format: 'cjs',
  // V8 does not tell kept code where it may import from.
  supported: { 'dynamic-import': false },
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': '__url' },
  banner: { js: url },
}

// The gateway alone, once more, in one file: Node's loader of ES modules takes its time, and V8's code is kept by the file. It is
// the function that Node would make of it, so that nobody needs a second copy of half a megabyte to do so.
await build({
  ...commonJs,
  entryPoints: { 'cli/serve': 'src/cli/door.ts' },
  external: externals,
  plugins: [withoutUnused],
  banner: { js: `(function(exports,require,module,__filename,__dirname){${url}` },
  footer: { js: '})' },
})
// Looks into kept results, in a process of its own.
await build({ ...commonJs, entryPoints: { 'gateway/apart': 'src/gateway/results/apart/main.ts' }, external: ['jq-web'] })
await build({ ...commonJs, entryPoints: { 'cli/compiled': 'src/cli/compiled.ts' } })

// The bridge is one process per client, so its memory counts: Node's loader of ES modules alone would add two megabytes to it.
await build({ ...commonJs, entryPoints: { 'cli/connect': 'src/cli/bridge/main.ts' } })
