/** How each system is told to start the gateway when its person logs in: the file, and the commands around it. */
import { readFileSync } from 'node:fs'
import type { OwnProgram } from '../../clients/export/bridge-command.ts'
import { type Machine, pathOf } from '../../clients/machine.ts'
import { packageFile } from '../../std/package-file.ts'
import { stateDir } from '../../std/paths.ts'

export interface ServiceSetup {
  machine: Machine
  program: OwnProgram
  /** The config to serve, where it would not be found without being named. */
  config: string | undefined
  /** What the servers are looked for in. */
  path: string
}

export interface ServiceDefinition {
  /** The file that defines it. */
  file: string
  text: string
  /** What is run once the file is there. */
  enable: string[][]
  /** What is run before the file is taken away. */
  disable: string[][]
  /** What a person should know. */
  note?: string
}

type Place = Pick<Machine, 'system' | 'home' | 'env'>

const NAME = 'mcp-gw'

/** Where the definition lies, whether there is one or not. */
export function serviceFile({ system, home, env }: Place): string {
  const path = pathOf({ system })
  if (system === 'darwin') return path.join(home, 'Library', 'LaunchAgents', `${NAME}.plist`)
  if (system === 'win32') return path.join(stateDir(env, system, home), 'service', `${NAME}.xml`)
  const config = env.XDG_CONFIG_HOME && path.isAbsolute(env.XDG_CONFIG_HOME) ? env.XDG_CONFIG_HOME : path.join(home, '.config')
  return path.join(config, 'systemd', 'user', `${NAME}.service`)
}

export function serviceDefinition(setup: ServiceSetup): ServiceDefinition {
  const file = serviceFile(setup.machine)
  return { file, ...DEFINITIONS[setup.machine.system](setup, file) }
}

const DEFINITIONS: Record<Machine['system'], (setup: ServiceSetup, file: string) => Omit<ServiceDefinition, 'file'>> = {
  linux: (setup) => ({
    text: filled('systemd.service', {
      // A dollar would be a variable there, and only there.
      command: words(setup)
        .map((word) => quoted(word).replaceAll('$', '$$$$'))
        .join(' '),
      path: quoted(`PATH=${setup.path}`),
    }),
    enable: [
      ['systemctl', '--user', 'daemon-reload'],
      ['systemctl', '--user', 'enable', '--now', `${NAME}.service`],
    ],
    disable: [['systemctl', '--user', 'disable', '--now', `${NAME}.service`]],
    note: 'it runs while you are logged in; loginctl enable-linger keeps it running without',
  }),
  darwin: (setup, file) => {
    const { env, home } = setup.machine
    const domain = `gui/${process.getuid?.() ?? 501}`
    return {
      text: filled('launchd.plist', {
        command: words(setup)
          .map((word) => `    <string>${escaped(word)}</string>`)
          .join('\n'),
        path: escaped(setup.path),
        log: escaped(`${stateDir(env, 'darwin', home)}/service.log`),
      }),
      enable: [['launchctl', 'bootstrap', domain, file]],
      disable: [['launchctl', 'bootout', `${domain}/${NAME}`]],
    }
  },
  win32: (setup, file) => {
    const [program = '', ...args] = words(setup)
    const { USERDOMAIN, USERNAME } = setup.machine.env
    return {
      text: filled('windows-task.xml', {
        program: escaped(program),
        arguments: escaped(args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg)).join(' ')),
        user: escaped([USERDOMAIN, USERNAME].filter(Boolean).join('\\')),
      }),
      enable: [
        ['schtasks', '/Create', '/TN', NAME, '/XML', file, '/F'],
        ['schtasks', '/Run', '/TN', NAME],
      ],
      disable: [
        ['schtasks', '/End', '/TN', NAME],
        ['schtasks', '/Delete', '/TN', NAME, '/F'],
      ],
    }
  },
}

function words({ program, config }: ServiceSetup): string[] {
  return [program.node, program.script, 'serve', ...(config === undefined ? [] : ['--config', config])]
}

function filled(template: string, values: Record<string, string>): string {
  const text = readFileSync(packageFile(`templates/service/${template}`), 'utf8')
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
}

/** One word of a unit file: quoted, with its own signs for a backslash, a quote and a percent sign (systemd.syntax(7)). */
function quoted(word: string): string {
  return `"${word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`
}

/** A text within XML. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
