/** The help of `mcp-gw add`, which reads its words by itself. */

export const ADD_HELP = `Usage: mcp-gw add <server> [options]

Add a server to the config, after showing that it works.

What to add:
  tavily                           a server of the catalogue (--list shows it)
  NAME -- command args…            a program; NAME command args… is the same
  NAME https://…                   an address; NAME may be left out
  @scope/package                   a package of npm
  '{"mcpServers": {…}}'            JSON or TOML from a README; - reads it from stdin
  claude mcp add …                 the command of another client, word by word: claude, codex, gemini, qwen, copilot,
                                   code --add-mcp, amp, droid, auggie, cline, opencode, kiro-cli, crush, npx add-mcp
  --registry NAME                  a server of the official registry

About the server:
  -n, --name <name>                its name in the config
  -e, --env <NAME=value…>          variables of a program, or the keys that a server of the catalogue wants
      --env-file <file>            variables from a file
  -H, --header <"Name: value">     headers for an address
      --bearer-token-env-var <V>   the header Authorization, with the variable V as its token
  -t, --transport <transport>      stdio, http or sse; found out when it is left out
      --url, --command, --args     the same by flags
      --cwd <folder>               the folder that a program starts in
      --timeout <time>             30s, 2m, or milliseconds
      --include-tools, --exclude-tools <a,b>
      --disabled                   keep it switched off

About adding it:
      --list [words]               show the catalogue, or what of it the words are about
      --secrets <place>            keep secrets in the keychain, in .env beside the config (env), or plain in the config
      --no-check                   do not start it first
  -f, --force                      replace a server of the same name
      --dry-run                    show the change, and end with 3 where there is one
  -y, --yes                        ask nothing
      --trust-registry             start what comes from the registry without a question
      --registry-url <url>         another registry ($MCP_GW_REGISTRY)
      --json                       print JSON
  -c, --config <file>              the config file
  -s, --scope <user|project>       which config, where there is none yet: your own, or one in this folder
      --log-level <level>          the least severe line to log
  -h, --help                       this text

Examples:
  $ mcp-gw add tavily
  $ mcp-gw add files -- npx -y @modelcontextprotocol/server-filesystem ~/work
  $ mcp-gw add https://mcp.sentry.dev/mcp
  $ mcp-gw add claude mcp add --transport http linear https://mcp.linear.app/mcp`
