/** Which texts of an entry are taken for secrets. */
import { describe, expect, test } from 'vitest'
import { findSecrets, replaceSecrets } from '../../src/clients/import/secrets.ts'
import type { ServerEntry } from '../../src/clients/import/server-entry.ts'

const found = (entry: ServerEntry) => findSecrets(entry, 'shop').map(({ variable, value }) => [variable, value.reveal()])

describe('a secret', () => {
  test.each<[ServerEntry, [string, string]]>([
    [
      { env: { GITHUB_TOKEN: 'ghp_1111111111111111111111111111111111cd' } },
      ['GITHUB_TOKEN', 'ghp_1111111111111111111111111111111111cd'],
    ],
    [{ env: { SOMETHING: 'xoxb-123456789-abcdef' } }, ['SOMETHING', 'xoxb-123456789-abcdef']],
    [{ env: { DB_PASSWORD: 'abc' } }, ['DB_PASSWORD', 'abc']],
    [{ env: { DATABASE_URL: 'postgres://u:pw@h/db' } }, ['DATABASE_URL', 'postgres://u:pw@h/db']],
    [{ env: { SESSION: 'q8Zr0Lx5Tn2Vb7Kc4Jm9Wd1Hs6Pf3Ga' } }, ['SESSION', 'q8Zr0Lx5Tn2Vb7Kc4Jm9Wd1Hs6Pf3Ga']],
    [{ headers: { Authorization: 'Bearer short' } }, ['SHOP_TOKEN', 'short']],
    [{ headers: { authorization: 'Basic dXNlcjpwdw==' } }, ['SHOP_TOKEN', 'dXNlcjpwdw==']],
    [{ headers: { 'X-API-Key': 'abcd1234efgh' } }, ['SHOP_API_KEY', 'abcd1234efgh']],
    [{ args: ['--api-key=abcd1234efgh'] }, ['SHOP_API_KEY', 'abcd1234efgh']],
    [{ args: ['--access-token', 'abcd1234efgh'] }, ['SHOP_ACCESS_TOKEN', 'abcd1234efgh']],
    [{ args: ['--header', 'Authorization: Bearer abcd'] }, ['SHOP_TOKEN', 'abcd']],
    [{ args: ['run', '-e', 'API_TOKEN=abcd1234'] }, ['API_TOKEN', 'abcd1234']],
    [{ args: ['sk-abcdefghijklmnop0123'] }, ['SHOP_TOKEN', 'sk-abcdefghijklmnop0123']],
    [{ args: ['postgresql://app:s3cr3t@db/app'] }, ['SHOP_TOKEN', 'postgresql://app:s3cr3t@db/app']],
    [{ url: 'https://x.example/mcp?apiKey=abcd1234efgh&team=a' }, ['SHOP_API_KEY', 'abcd1234efgh']],
    [{ url: 'https://anna:pw123@x.example/mcp' }, ['SHOP_PASSWORD', 'pw123']],
    [{ url: 'https://x.example/s/q8Zr0Lx5Tn2Vb7Kc4Jm9Wd1Hs6Pf3Ga/mcp' }, ['SHOP_KEY', 'q8Zr0Lx5Tn2Vb7Kc4Jm9Wd1Hs6Pf3Ga']],
  ])('is found in %j', (entry, secret) => {
    expect(found(entry)).toEqual([secret])
  })

  test.each<ServerEntry>([
    { env: { GITHUB_TOKEN: '${GITHUB_TOKEN}' } },
    { env: { API_KEY: '<your key>' } },
    { env: { API_KEY: 'your-api-key' } },
    { env: { API_KEY: '' } },
    { env: { TOKEN_LIMIT: '4000', KEY_FILE: '/home/anna/key.pem', AUTH: 'oauth', USE_KEYCHAIN: 'true' } },
    { env: { MONKEY: 'banana-split-sundae', PATH_TO_THINGS: 'C:\\things' } },
    { headers: { Authorization: 'Bearer ${TOKEN}', Accept: 'application/json' } },
    { args: ['-y', '@modelcontextprotocol/server-filesystem', '/srv/data/2024-reports'] },
    { args: ['--from', 'git+https://github.com/oraios/serena', 'serena', 'start-mcp-server'] },
    { args: ['ghcr.io/github/github-mcp-server:v0.30.1', '--key', 'value'] },
    { url: 'https://mcp.atlassian.com/v1/mcp/authv2' },
    { url: 'https://example.com/projects/0f4b7a3e-9d1c-4c43-8a44-2f6a3f6c9a11/mcp' },
  ])('is not seen in %j', (entry) => {
    expect(found(entry)).toEqual([])
  })

  test('is replaced where it stands, and nothing else is', () => {
    const entry = {
      command: 'db',
      args: ['--dsn', 'postgres://u:pw@h/db', '--mode', '${MODE}'],
      env: { TOKEN: 'odd$${value}', OTHER: 'odd' },
      headers: { Authorization: 'Bearer abc' },
    }
    const secrets = findSecrets(entry, 'shop')
    expect(secrets.map(({ value }) => value.reveal())).toEqual(['postgres://u:pw@h/db', 'odd${value}', 'abc'])
    expect(replaceSecrets(entry, secrets, ({ variable }) => `\${keychain:${variable}}`)).toEqual({
      command: 'db',
      args: ['--dsn', '${keychain:SHOP_DSN}', '--mode', '${MODE}'],
      env: { TOKEN: '${keychain:TOKEN}', OTHER: 'odd' },
      headers: { Authorization: 'Bearer ${keychain:SHOP_TOKEN}' },
    })
  })
})
