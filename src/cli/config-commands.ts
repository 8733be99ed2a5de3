/** The commands that change the config, as the command line knows them. */
import { type Command, Option } from 'commander'

export function declareConfigCommands(program: Command): void {
  // Its words are its own business: it takes the commands of other programs, whose flags mean something else there.
  for (const [name, description] of [
    ['add', 'add a server to the config, after showing that it works'],
    ['add-json', 'add a server that is given as JSON: <name> <json | ->'],
  ] as const) {
    program
      .command(name)
      .description(description)
      .usage('<server> [options]')
      .argument('[words...]')
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action(async () => (await import('./commands/add.ts')).add(process.argv.slice(3)))
  }

  for (const [name, description] of [
    ['remove', 'take servers out of the config'],
    ['enable', 'switch servers on'],
    ['disable', 'switch servers off, and keep their entries'],
  ] as const) {
    editing(program, name, description)
      .argument('<servers...>', 'their names')
      .action(async (names, options) => (await import('./commands/edit-servers.ts'))[name](names, options))
  }

  const secret = program.command('secret').description('keep the secrets that the config speaks of')
  for (const [name, argument, description] of [
    ['set', '<name>', 'store a secret, which is asked for or read from stdin'],
    ['list', undefined, 'list the names of what is kept'],
    ['remove', '<names...>', 'remove secrets'],
  ] as const) {
    const one = secret
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the config file')
      .addOption(new Option('--in <place>', 'the keychain of the system, or .env beside the config').choices(['keychain', 'env']))
      .option('--json', 'print JSON')
    if (argument) one.argument(argument)
    one.action(async (...given) => {
      const { setSecret, listSecrets, removeSecrets } = await import('./commands/secret.ts')
      if (name === 'list') return listSecrets(given[0])
      return name === 'set' ? setSecret(given[0], given[1]) : removeSecrets(given[0], given[1])
    })
  }
}

/** A command that changes the config. */
function editing(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-c, --config <file>', 'the config file')
    .option('--dry-run', 'show the change, and end with 3 where there is one')
    .option('--json', 'print JSON')
}
