/** Whatever shape people type or paste, `mcp-gw add` understands which server is meant. */
import { describe, expect, test } from 'vitest'
import { nameOfCommand, nameOfPackage, nameOfUrl } from '../../../src/cli/add/infer-name.ts'
import { readRequest } from '../../../src/cli/add/request.ts'
import { shellSplit } from '../../../src/std/shell-split.ts'

/** What the words mean, as a person would have typed them. */
function meant(line: string) {
  const words = shellSplit(line)
  if ('error' in words) throw new Error(words.error)
  return readRequest(words, (path) => (path === '.env' ? { FROM_FILE: 'f' } : { error: `--env-file: there is no ${path}` }))
}

function subject(line: string): object {
  const request = meant(line)
  return 'error' in request ? request : request.subject
}

const entry = (name: string, one: object) => ({ kind: 'entry', name, entry: one })
const NPX = { command: 'npx', args: ['-y', 'srv'] }
const HTTP = { url: 'https://x.io/mcp' }

describe('our own words', () => {
  test.each([
    ['tavily', { kind: 'word', word: 'tavily' }],
    ['tavily -e TAVILY_API_KEY=k --dry-run', { kind: 'word', word: 'tavily' }],
    ['@scope/some-mcp@1.2', { kind: 'word', word: '@scope/some-mcp@1.2' }],
    ['x -- npx -y srv', entry('x', NPX)],
    ['x -e A=1 B=2 -- npx -y srv', entry('x', { ...NPX, env: { A: '1', B: '2' } })],
    ['-e A=1 B=2 x npx -y srv', entry('x', { ...NPX, env: { A: '1', B: '2' } })],
    ['x npx -y srv', entry('x', NPX)],
    ['x npx -y srv --url no -e A=b -h', entry('x', { command: 'npx', args: ['-y', 'srv', '--url', 'no', '-e', 'A=b', '-h'] })],
    ['-- npx -y @scope/mcp-server-thing@1.2', entry('thing', { command: 'npx', args: ['-y', '@scope/mcp-server-thing@1.2'] })],
    ['"npx -y srv"', entry('srv', NPX)],
    ['x https://x.io/mcp', entry('x', HTTP)],
    ['x https://x.io/mcp -H "A: b" "C: d" -t sse', entry('x', { ...HTTP, type: 'sse', headers: { A: 'b', C: 'd' } })],
    ['https://mcp.sentry.dev/mcp', entry('sentry', { url: 'https://mcp.sentry.dev/mcp' })],
    ['--url https://x.io/mcp', entry('x', HTTP)],
    ['n --url https://x.io/mcp --bearer-token-env-var T', entry('n', { ...HTTP, headers: { Authorization: 'Bearer ${T}' } })],
    ['-n n https://x.io/mcp', entry('n', HTTP)],
    ['https://x.io/mcp -n n', entry('n', HTTP)],
    ['-n n npx -y srv', entry('n', NPX)],
    ['-n n tavily', { kind: 'word', word: 'tavily', name: 'n' }],
    ['tavily -n n', { kind: 'word', word: 'tavily', name: 'n' }],
    ['--command npx --args "-y srv" -n n', entry('n', NPX)],
    [
      'x --env-file .env --cwd ~/w --timeout 5000 --disabled -- srv',
      entry('x', { command: 'srv', env: { FROM_FILE: 'f' }, cwd: '~/w', timeout: '5s', disabled: true }),
    ],
    ['x --tools a,b --exclude-tools c -- srv', entry('x', { command: 'srv', tools: { allow: ['a', 'b'], deny: ['c'] } })],
    ['x -H X-Key=a:b https://x.io/mcp', entry('x', { ...HTTP, headers: { 'X-Key': 'a:b' } })],
    ['-eA=b x -- srv', entry('x', { command: 'srv', env: { A: 'b' } })],
    ['x --env=A=b=c -- srv', entry('x', { command: 'srv', env: { A: 'b=c' } })],
    ['--registry io.github.a/b', { kind: 'registry', server: 'io.github.a/b' }],
    ['b --registry io.github.a/b', { kind: 'registry', server: 'io.github.a/b', name: 'b' }],
    ['--list web search', { kind: 'list', query: 'web search' }],
    [`'{"mcpServers":{}}'`, { kind: 'pasted', text: '{"mcpServers":{}}' }],
    [`x '{"command":"y"}'`, { kind: 'pasted', text: '{"command":"y"}', name: 'x' }],
    ['-', { kind: 'pasted', text: '-' }],
  ])('%s', (line, expected) => {
    expect(subject(line)).toEqual(expect.objectContaining(expected))
  })

  test.each([
    ['', 'nothing says what to add; see mcp-gw add --help'],
    ['x -t sse -- npx srv', 'npx is a program, and sse needs an address that begins with http'],
    ['x -t stdio https://x.io', 'https://x.io is an address, and stdio needs a program'],
    ['x https://x.io more', 'https://x.io is an address, so nothing can stand behind it, and there is more'],
    ['x -e A=1 https://x.io', 'https://x.io is reached over the network and gets no A; give it as -H "Name: value"'],
    ['x -H "A: b" -- srv', 'srv is a program, and the header A needs an address; give it as -e NAME=value'],
    ['x -e NOPE -- srv', 'expected NAME=value behind -e, got "NOPE"'],
    ['x -H sekret-without-a-name https://x.io', 'expected "Name: value" behind -H, got "sekret-witho…"'],
    ['x -H "A: b\nC: d" https://x.io', 'the header A goes over several lines, which HTTP does not allow'],
    ['x --timeout soon -- srv', '--timeout: expected 30s, 2m or milliseconds, got "soon"'],
    ['x -t pigeon -- srv', 'there is no transport pigeon; there are stdio, http and sse'],
    ['x --nope -- srv', '--nope is no option here of mcp-gw'],
    ['--nope x', '--nope is no option here'],
    ['x --env-file nowhere -- srv', '--env-file: there is no nowhere'],
    ['x --', 'nothing stands behind --: give the command to start there'],
    ['x -n', '-n needs a value'],
  ])('refuses "%s"', (line, error) => {
    expect(subject(line)).toEqual({ error })
  })
})

describe('a pasted add command', () => {
  test.each([
    [
      'claude mcp add --transport http sentry https://mcp.sentry.dev/mcp',
      entry('sentry', { url: 'https://mcp.sentry.dev/mcp', type: 'http' }),
    ],
    ['claude mcp add x -s user -e A=1 B=2 -- npx -y srv', entry('x', { ...NPX, env: { A: '1', B: '2' } })],
    ['claude mcp add -e A=1 x -- npx -y srv', entry('x', { ...NPX, env: { A: '1' } })],
    ['claude mcp add x npx srv -e A=1', entry('x', { command: 'npx', args: ['srv'], env: { A: '1' } })],
    ['claude mcp add x https://x.io/mcp', entry('x', HTTP)],
    [
      'claude mcp add -t sse x https://x.io/mcp -H "Authorization: Bearer t"',
      entry('x', { ...HTTP, type: 'sse', headers: { Authorization: 'Bearer t' } }),
    ],
    [`claude mcp add-json x '{"command":"y"}'`, { kind: 'pasted', name: 'x', text: '{"command":"y"}' }],
    ['npx -y @anthropic-ai/claude-code@latest mcp add x -- npx -y srv', entry('x', NPX)],
    ['codex mcp add x --env A=1 -- npx -y srv', entry('x', { ...NPX, env: { A: '1' } })],
    [
      'codex mcp add x --url https://x.io/mcp --bearer-token-env-var T',
      entry('x', { ...HTTP, headers: { Authorization: 'Bearer ${T}' } }),
    ],
    [
      'gemini mcp add -s user --timeout 5000 --include-tools a,b x npx -y srv',
      entry('x', { ...NPX, timeout: '5s', tools: { allow: ['a', 'b'] } }),
    ],
    ['gemini mcp add --transport http x https://x.io/mcp --trust', entry('x', { ...HTTP, type: 'http' })],
    ['qwen mcp add x -e A=1 npx -y srv', entry('x', { ...NPX, env: { A: '1' } })],
    [`code --add-mcp '{"name":"x","command":"y"}'`, { kind: 'pasted', text: '{"name":"x","command":"y"}' }],
    [
      'copilot mcp add --transport http --header "A: b" --tools "*" x https://x.io/mcp',
      entry('x', { ...HTTP, type: 'http', headers: { A: 'b' } }),
    ],
    ['copilot mcp add x --env A=1 -- npx -y srv', entry('x', { ...NPX, env: { A: '1' } })],
    [
      'amp mcp add x --header Authorization=Bearer:t https://x.io/mcp',
      entry('x', { ...HTTP, headers: { Authorization: 'Bearer:t' } }),
    ],
    ['amp mcp add --workspace x -- npx -y srv', entry('x', NPX)],
    ['droid mcp add x "npx -y srv" --env A=1', entry('x', { ...NPX, env: { A: '1' } })],
    ['droid mcp add x https://x.io/mcp --type http --no-oauth', entry('x', { ...HTTP, type: 'http' })],
    ['auggie mcp add x -c npx --args "-y srv" -e A=1', entry('x', { ...NPX, env: { A: '1' } })],
    ['auggie mcp add x -u https://x.io/mcp -t http', entry('x', { ...HTTP, type: 'http' })],
    ['cline mcp install x --transport streamableHttp https://x.io/mcp --yes', entry('x', { ...HTTP, type: 'http' })],
    ['cline mcp add x -- npx -y srv', entry('x', NPX)],
    ['opencode mcp add x --url https://x.io/mcp --header A=b', entry('x', { ...HTTP, headers: { A: 'b' } })],
    ['opencode mcp add x -- npx -y srv', entry('x', NPX)],
    ['kiro-cli mcp add --name x --command npx --args -y,srv --env A=1 --scope global', entry('x', { ...NPX, env: { A: '1' } })],
    ['mcp add x --command npx --args -y --args srv --env A 1', entry('x', { ...NPX, env: { A: '1' } })],
    ['mcp add x --type http --url https://x.io/mcp --header A b', entry('x', { ...HTTP, type: 'http', headers: { A: 'b' } })],
    ['npx add-mcp https://x.io/mcp -g -a cursor -n x', entry('x', HTTP)],
    ['npx -y add-mcp@latest "npx -y srv" --env A=1', entry('srv', { ...NPX, env: { A: '1' } })],
    ['npx add-mcp @scope/srv -y', { kind: 'word', word: '@scope/srv' }],
    ['$ claude mcp add x -- npx -y srv', entry('x', NPX)],
    ['mcp-gw add tavily', { kind: 'word', word: 'tavily' }],
  ])('%s', (line, expected) => {
    expect(subject(line.replace('$ ', () => "'$' "))).toEqual(expect.objectContaining(expected))
    // The same as one text, as it is copied from a page.
    expect(subject(`'${line.replaceAll("'", "'\\''")}'`)).toEqual(expect.objectContaining(expected))
    // And behind flags of our own.
    const request = meant(`--dry-run -y ${line.replace('$ ', () => "'$' ")}`)
    expect(request).toMatchObject({ subject: expected, fields: { 'dry-run': ['true'], yes: ['true'] } })
  })

  test('over several lines, with variables that no shell has filled in', () => {
    const pasted = "claude mcp add x \\\n  -e KEY=$MY_KEY --header 'A: ${B}' \\\n  https://x.io/mcp"
    const request = readRequest([pasted.replace('-e KEY=$MY_KEY ', '')], () => ({}))
    expect(request).toMatchObject({ subject: entry('x', { ...HTTP, headers: { A: '${B}' } }) })
    expect(readRequest([`claude mcp add x -e KEY=$MY_KEY -- npx -y srv`], () => ({}))).toMatchObject({
      subject: entry('x', { ...NPX, env: { KEY: '${MY_KEY}' } }),
    })
  })

  test('with places for keys that a shell would take for redirections', () => {
    expect(readRequest(['claude mcp add x -e KEY=<your-key> -- npx -y srv'], () => ({}))).toMatchObject({
      subject: entry('x', { ...NPX, env: { KEY: '<your-key>' } }),
    })
  })

  test('says which of its flags mean nothing here', () => {
    expect(meant('gemini mcp add --trust --scope user --oauth-client-id i x npx srv')).toMatchObject({
      unused: [
        { flag: '--trust', field: 'approval' },
        { flag: '--scope', field: 'client' },
        { flag: '--oauth-client-id', field: 'login' },
      ],
    })
    expect(subject('claude mcp add --colour x npx')).toEqual({ error: '--colour is no option here of claude mcp add' })
  })
})

test.each([
  [nameOfUrl('https://mcp.sentry.dev/mcp'), 'sentry'],
  [nameOfUrl('https://api.githubcopilot.com/mcp/'), 'githubcopilot'],
  [nameOfUrl('https://docs.mcp.cloudflare.com/mcp'), 'cloudflare-docs'],
  [nameOfUrl('https://www.example.co.uk/mcp'), 'example'],
  [nameOfUrl('http://127.0.0.1:3845/mcp'), 'local-3845'],
  [nameOfUrl('https://mcp.dev'), 'mcp'],
  [nameOfPackage('@modelcontextprotocol/server-filesystem@1.0'), 'filesystem'],
  [nameOfPackage('tavily-mcp@latest'), 'tavily'],
  [nameOfPackage('mcp-server-git'), 'git'],
  [nameOfPackage('@playwright/mcp'), 'mcp'],
  [nameOfCommand('uvx', ['mcp-server-time']), 'time'],
  [nameOfCommand('docker', ['run', '-i', '--rm', 'ghcr.io/github/github-mcp-server:1']), 'github'],
  [nameOfCommand('node', ['/opt/my.server/index.js']), 'index'],
  [nameOfCommand('C:\\x\\My Tool.exe', []), 'my-tool'],
])('a server without a name is called after what it is: %s', (got, expected) => {
  expect(got).toBe(expected)
})
