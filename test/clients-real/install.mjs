/** Installs a client into a folder of its own, so that who tries one client does not wait for the others. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How the client is started, or why it cannot be tried here. */
export function install(name, { package: spec, program }) {
  const folder = join(import.meta.dirname, 'node_modules', name)
  const stamp = join(folder, 'installed')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== spec) {
    const failure = installAnew(folder, spec)
    if (failure) return { skipped: `${spec} cannot be installed: ${failure}` }
    writeFileSync(stamp, spec)
  }
  const path = join(folder, 'node_modules', ...program.split('/'))
  if (!existsSync(path)) return { skipped: `${spec} has no program for ${process.platform}-${process.arch}` }
  return { command: path.endsWith('.js') ? [process.execPath, path] : [path] }
}

/**
 * Without install scripts: they download what npm has brought already, and one of them compiles. Without a lock: the versions are
 * exact, nearly all is one package for each platform, and a registry that lacks one of the other platforms would make it useless.
 */
function installAnew(folder, spec) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  const { status, stderr, error } = spawnSync('npm', ['install', '--ignore-scripts', '--no-package-lock', ...quiet, spec], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: process.platform === 'win32',
  })
  if (status === 0) return undefined
  return error?.message ?? (stderr.trim().split('\n').slice(0, 2).join('; ') || `npm ended with ${status}`)
}
