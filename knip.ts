/** What knip counts as used: everything a person or a test starts is an entry, and the rest must be reached from one. */
import type { KnipConfig } from 'knip'

const config: KnipConfig = {
  entry: [
    'src/cli/main.ts',
    'src/cli/bridge/main.ts',
    'src/cli/compiled.ts',
    'src/gateway/results/apart/main.ts',
    'src/cli/door.ts',
    'build.mjs',
    'test/**/*.test.ts',
    'test/**/*.mjs',
    'test/fixtures/*.ts',
    '.ci/*.mjs',
  ],
  project: ['src/**/*.ts', 'test/**/*.{ts,mjs}', '.ci/*.mjs', '*.{ts,mjs}'],
  // A type that its own file uses is exported for readers and for inference; a value must be imported somewhere.
  ignoreExportsUsedInFile: { interface: true, type: true },
  ignoreDependencies: [
    // Loaded by a `require` of our own.
    'jq-web',
    // Started as child processes by path, never imported.
    '@modelcontextprotocol/server-everything',
    '@modelcontextprotocol/server-filesystem',
    '@modelcontextprotocol/server-memory',
  ],
  // Asked for the faults of a unit file, where the system has it.
  ignoreBinaries: ['systemd-analyze'],
  treatConfigHintsAsErrors: false,
}

export default config
