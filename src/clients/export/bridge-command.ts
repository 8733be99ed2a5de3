/** How an application starts the bridge: with whole paths that are still there tomorrow. */
import { type Machine, pathOf } from '../machine.ts'

/** How this very process was started. */
export interface OwnProgram {
  /** The Node that runs us: `process.execPath`. */
  node: string
  /** Our script: `bin/mcp-gw.js`. */
  script: string
  version: string
}

export interface BridgeCommand {
  command: string
  args: string[]
  /** What a person should know about it. */
  note?: string
}

/** Folders whose contents go away by themselves: what npx keeps, what a shell made for one session, temporary ones. */
const FLEETING = [
  /[\\/]_npx[\\/]/,
  /[\\/]fnm_multishells[\\/]/,
  /^\/(?:private\/)?(?:tmp|var\/folders)\//,
  /[\\/]AppData[\\/]Local[\\/]Temp[\\/]/i,
]
/** Folders that hold one version of Node each. */
const VERSIONED = /[\\/](?:\.nvm|\.?fnm|\.nodenv|\.asdf|mise|n)[\\/](?:.*[\\/])?(?:versions|node-versions|installs)[\\/]/
/** Programs there are scripts that pick a Node by the folder that they are started in. */
const SHIMS = [/[\\/]\.(?:asdf|volta|nodenv|rtx|mise)[\\/](?:shims|bin)[\\/]/, /[\\/]mise[\\/]shims[\\/]/]

/**
 * The command of the bridge. `config` is the config to serve, where it is not the one that would be found anyway: applications
 * start the bridge in folders of their own.
 */
export function bridgeCommand(program: OwnProgram, machine: Machine, config?: string): BridgeCommand {
  const connect = ['connect', ...(config === undefined ? [] : ['--config', config])]
  if ([program.node, program.script].some(isFleeting)) return throughNpx(program, machine, connect)
  const note = noteOn(program, machine, connect)
  return { command: program.node, args: [program.script, ...connect], ...(note !== undefined && { note }) }
}

/** Whether what lies there goes away by itself. */
export function isFleeting(path: string): boolean {
  return FLEETING.some((place) => place.test(path))
}

function throughNpx({ version }: OwnProgram, { system }: Machine, connect: string[]): BridgeCommand {
  const [major, minor] = version.split('.')
  // Before 1.0, every minor version may break what it likes.
  const wanted = `mcp-gw@${major === '0' ? `0.${minor}` : major}`
  const words = ['npx', '-y', wanted, ...connect]
  const [command, ...args] = system === 'win32' ? ['cmd', '/c', ...words] : words
  const note = 'mcp-gw is not installed, so npx starts it, which takes some seconds; npm install -g mcp-gw makes it quick'
  return { command: command as string, args, note }
}

function noteOn({ node, script }: OwnProgram, machine: Machine, connect: string[]): string | undefined {
  if (SHIMS.some((place) => place.test(node))) return `${node} may start another Node in another folder`
  if (machine.system === 'win32' && [script, ...connect].some((arg) => /\s/.test(arg)))
    return 'some applications on Windows cut arguments at blanks; where the bridge does not start, install mcp-gw in a folder without'
  if (VERSIONED.test(node))
    return `when you remove this version of Node (${pathOf(machine).dirname(node)}), run mcp-gw doctor --fix`
  return undefined
}
