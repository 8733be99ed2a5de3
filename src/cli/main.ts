/** The command line: what there is to say to mcp-gw, and the way from an error to an exit code. */
import { Argument, Command, CommanderError, Option } from 'commander'
import { logLevels } from '../observe/levels.ts'
import { declareConfigCommands } from './config-commands.ts'
import { Exit } from './exit.ts'
import { runLean } from './lean.ts'
import { ended, outliveReader } from './terminal.ts'
import { VERSION } from './version.ts'

const program = new Command('mcp-gw')
  .description('One MCP endpoint in front of all your MCP servers.')
  .version(VERSION, '-V, --version', 'print the version')
  .showHelpAfterError('(run mcp-gw --help to see what there is)')
  .exitOverride()
  .enablePositionalOptions()
  .addHelpText(
    'after',
    examples(
      'mcp-gw serve --demo',
      'mcp-gw serve --config ./mcp-gw.yaml',
      'mcp-gw list --tools',
      'mcp-gw call memory__read_graph --demo',
    ),
  )

command('serve', 'put every configured server behind one endpoint')
  .option('--host <host>', 'listen on this address instead of listen.host')
  .option('--port <port>', 'listen on this port instead of listen.port; 0 takes a free one')
  .option('--stdio', 'serve the one client at stdin and stdout instead of listening')
  .option('--background', 'start the gateway as a process of its own, and return once it listens')
  .addOption(new Option('--in-background').hideHelp())
  .addHelpText('after', examples('mcp-gw serve', 'mcp-gw serve --port 8080', 'mcp-gw serve --stdio', 'mcp-gw serve --background'))
  .action(async (options) => {
    runLean()
    await import('../std/parse-once.ts')
    await (await import('./commands/serve.ts')).serve(options)
  })

command('reload', 'have the running gateway load its config anew')
  .option('--json', 'print the report as JSON')
  .addHelpText('after', examples('mcp-gw reload', 'mcp-gw reload --json | jq .servers.changed'))
  .action(async (options) => (await import('./commands/reload.ts')).reload(options))

command('profile', 'have the running gateway show clients a profile, or show which there are')
  .argument('[name]', 'the profile; until the gateway ends, or another one is chosen')
  .option('--client <glob>', 'only clients that give themselves such a name')
  .option('--reset', 'go back to what the config says')
  .option('--json', 'print JSON')
  .addHelpText('after', examples('mcp-gw profile', 'mcp-gw profile work', "mcp-gw profile notes --client 'cursor*'"))
  .action(async (name, options) => (await import('./commands/profile.ts')).profile(name, options))

command('reconnect', 'have the running gateway start one server anew')
  .argument('<server>', 'the name that it has in the config')
  .option('--json', 'print the report as JSON')
  .addHelpText('after', examples('mcp-gw reconnect github', 'mcp-gw reconnect github --json | jq .tools'))
  .action(async (server, options) => (await import('./commands/reconnect.ts')).reconnect(server, options))

command('connect', 'carry the client at stdin and stdout to the running gateway, which is started where none runs')
  .option('--url <url>', 'where the gateway listens, instead of looking for the one of the config')
  .option('--server <name>', 'show the client this server only')
  .option('--no-start', 'wait for the gateway instead of starting it')
  .addHelpText(
    'after',
    examples('mcp-gw connect', 'mcp-gw connect --server github', 'mcp-gw connect --url http://127.0.0.1:8080'),
  )
  .action(async (options) => (await import('./bridge/connect.ts')).connect(options))

command('status', 'show whether the gateway runs, where, and how its servers are')
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./commands/status.ts')).status(options))

command('stop', 'end the gateway and wait until it is gone, or put one of its servers to sleep')
  .argument('[server]', 'end the processes of this server only; its next use starts it again')
  .addHelpText('after', examples('mcp-gw stop', 'mcp-gw stop github'))
  .action(async (server, options) => {
    const { stop, stopServer } = await import('./commands/stop.ts')
    return server === undefined ? stop(options) : stopServer(server, options)
  })

command('init', 'find the clients of this machine, take their servers over, and point them at the gateway')
  .option('--clients <list>', 'ids of the clients, all, none, or !id for what is sensible without one')
  .option('--servers <list>', 'names of the servers to take over, all, none, or !name')
  .addOption(new Option('--secrets <place>', 'where secrets in plain text go').choices(['keychain', 'env', 'keep']))
  .addOption(new Option('--originals <what>', 'what becomes of the entries in the clients').choices(['move', 'disable', 'keep']))
  .addOption(new Option('--mode <mode>', 'how clients reach the gateway').choices(['auto', 'http', 'stdio']))
  .option('-y, --yes', 'ask nothing and take what is sensible; nothing is taken out of a client')
  .option('--no-check', 'do not start the servers')
  .option('--dry-run', 'show what would change; exits with 3 where something would')
  .option('--json', 'print one JSON document')
  .addHelpText('after', examples('mcp-gw init', 'mcp-gw init --yes --originals move', 'mcp-gw init --dry-run'))
  .action(async (options) => (await import('./commands/init.ts')).init(options))

for (const name of ['setup-export', 'setup']) {
  const hidden = name === 'setup'
  const exporting = command(name, 'point clients at the gateway', { hidden })
  if (hidden) exporting.argument('<what>', 'export')
  exporting
    .option('--target <list>', 'ids of the clients, or all that are installed')
    .addOption(new Option('--mode <mode>', 'how they reach the gateway').choices(['auto', 'http', 'stdio']).default('auto'))
    .addOption(new Option('--scope <scope>', 'whose files').choices(['user', 'project']).default('user'))
    .addOption(
      new Option('--originals <what>', 'what becomes of entries that the gateway has')
        .choices(['move', 'disable', 'keep'])
        .default('keep'),
    )
    .option('--dry-run', 'show what would change; exits with 3 where something would')
    .option('--watch', 'go on, and write an entry again where it is lost')
    .option('--force', 'write over an entry that is not as mcp-gw wrote it, and for clients that are not installed')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('mcp-gw setup-export --target cursor,zed', 'mcp-gw setup-export --dry-run'))
    .action(async (...args) => {
      const options = args.at(-2)
      if (hidden && args[0] !== 'export') throw new Exit(2, `there is no setup ${args[0]}; there is: setup export`)
      await (await import('./commands/setup-export.ts')).setupExport(options)
    })
}

command('undo', 'take back what mcp-gw has written into files')
  .option('--client <id>', 'of this client only, or mcp-gw for its own config')
  .option('--run <id>', 'of this run only; the last one without it; all for everything')
  .option('--list', 'show what can be taken back')
  .option('-y, --yes', 'do not ask')
  .option('--force', 'take back entries, too, that somebody has edited since')
  .option('--json', 'print JSON')
  .addHelpText('after', examples('mcp-gw undo', 'mcp-gw undo --list', 'mcp-gw undo --client cursor'))
  .action(async (options) => (await import('./commands/undo.ts')).undo(options))

declareConfigCommands(program)

command('list', 'start each server once and show how it is')
  .option('--tools', 'show the tools of each server')
  .option('--json', 'print JSON')
  .addHelpText('after', examples('mcp-gw list', 'mcp-gw list --json | jq .servers'))
  .action(async (options) => (await import('./commands/list.ts')).list(options))

command('tools', 'list the tools as clients see them')
  .argument('[pattern]', 'a glob or a part of the name')
  .option('--json', 'print the definitions as JSON')
  .addHelpText('after', examples('mcp-gw tools', "mcp-gw tools 'github__*issue*'"))
  .action(async (pattern, options) => (await import('./commands/tools.ts')).tools(pattern, options))

command('call', 'call a tool and print what it returns')
  .argument('<tool>', 'the name as mcp-gw tools shows it')
  .argument('[arguments...]', 'key=value, or key:=json for a value that is no text')
  .option('--json <object>', 'the arguments as one JSON object')
  .option('--raw', 'print the whole result as JSON')
  .addOption(
    new Option('--era <era>', 'speak to its server in this era instead of that of its `protocol`').choices([
      'auto',
      'session',
      'stateless',
    ]),
  )
  .addHelpText(
    'after',
    examples('mcp-gw call everything__echo message=hello', 'mcp-gw call everything__get-sum --json \'{"a": 1, "b": 2}\''),
  )
  .action(async (tool, args, options) => (await import('./commands/call.ts')).call(tool, args, options))

command('tokens', 'show what the definitions of the tools cost a model, on each surface, and what the calls have cost')
  .option('--tools', 'show each tool')
  .option('--json', 'print JSON')
  .addHelpText('after', examples('mcp-gw tokens', 'mcp-gw tokens --json | jq .surfaces'))
  .action(async (options) => (await import('./commands/tokens.ts')).tokens(options))

command('explain', 'show what is known of a client, what is changed for it and why, and the surface that it gets')
  .argument('[client]', 'its name, or the one that it gives of itself; NAME@VERSION for one version')
  .option('--json', 'print JSON')
  .addHelpText('after', examples('mcp-gw explain', 'mcp-gw explain cursor', 'mcp-gw explain codex@0.20.0 --json'))
  .action(async (client, options) => (await import('./commands/explain.ts')).explain(client, options))

const search = command('search', 'find tools by what they do')
  .argument('<query...>', 'what a tool should do')
  .option('--limit <number>', 'show so many tools instead of 8')
  .option('--server <name>', 'only tools of this server')
  .option('--json', 'print the names and how well they fit as JSON')
  .addHelpText(
    'after',
    examples('mcp-gw search send a mail', 'mcp-gw search --server github review comments', 'mcp-gw search eval'),
  )
  .action(async (words, options) => (await import('./commands/search.ts')).search(words, options))

search
  .command('eval')
  .description('measure the search on questions of which the right tools are known')
  .option('--data <file>', 'the questions, instead of those in the sources of mcp-gw')
  .option('--haystack <number>', 'hide the tools among so many made-up ones')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    examples('mcp-gw search eval', 'mcp-gw search eval --haystack 1000', 'mcp-gw search eval --data mine.json'),
  )
  // What both commands know, as --json, the outer one has taken.
  .action(async (_options, self) => (await import('./commands/search-eval.ts')).searchEval(self.optsWithGlobals()))

command('ps', 'show the processes of the running gateway')
  .option('--url <url>', 'where it listens, instead of the address in the config')
  .option('--json', 'print JSON')
  .addHelpText('after', examples('mcp-gw ps', 'mcp-gw ps --url http://127.0.0.1:8080'))
  .action(async (options) => (await import('./commands/ps.ts')).ps(options))

command('doctor', 'check the machine, the config, the gateway, the clients and every server, and mend what can be mended')
  .option('-v, --verbose', 'show every check')
  .option('--only <checks>', 'make these checks only: groups such as clients,servers or ids such as K03')
  .option('--fix', 'mend what is safe to mend, and say what was done; mcp-gw undo takes it back')
  .option('-y, --yes', 'with --fix, mend also what takes something away')
  .option('--offline', 'leave out what needs more than this machine')
  .option('--strict', 'end with 1 on warnings too')
  .option('--ascii', 'use signs that every terminal has')
  .option('--report', 'print a report to paste into an issue, without secrets')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    examples('mcp-gw doctor', 'mcp-gw doctor --fix', 'mcp-gw doctor --only clients,S01', 'mcp-gw doctor --report'),
  )
  .action(async (options) => (await import('./commands/doctor.ts')).doctor(options))

command('service', 'have the system start the gateway at each login, where you want that')
  .addArgument(new Argument('<action>', 'what to do').choices(['install', 'uninstall', 'status']))
  .option('-y, --yes', 'do not ask')
  .option('--dry-run', 'with install, show what would be written and run; ends with 3')
  .option('--json', 'print JSON')
  .addHelpText('after', examples('mcp-gw service install', 'mcp-gw service install --dry-run', 'mcp-gw service uninstall'))
  .action(async (action: 'install' | 'uninstall' | 'status', options) => (await import('./commands/service.ts'))[action](options))

void run()

function command(name: string, description: string, visibility: { hidden?: boolean } = {}): Command {
  return program
    .command(name, visibility)
    .description(description)
    .option('-c, --config <file>', 'the config file')
    .option('--demo', 'take the everything, filesystem and memory servers instead of a config')
    .addOption(new Option('--log-level <level>', 'the least severe line to log').choices(logLevels))
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`
}

async function run(): Promise<void> {
  outliveReader()
  try {
    if (process.argv.length <= 2) return program.outputHelp()
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
    else ended(error)
  }
}
