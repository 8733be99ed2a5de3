/** A child gets the variables that every program needs and those of its entry, and nothing else of ours. */
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/std/secret.ts'
import { childEnvironment } from '../../src/upstream/environment.ts'

const OURS = { PATH: '/bin', HOME: '/home/anna', LANG: 'C', AWS_PROFILE: 'work', GITHUB_TOKEN: 'ours' }
const LINUX = { env: OURS, platform: 'linux', path: undefined } as const

describe('the environment of a child', () => {
  test('is minimal without a word in its entry', () => {
    expect(childEnvironment({ env: {}, inherit: [] }, LINUX)).toEqual({ PATH: '/bin', HOME: '/home/anna', LANG: 'C' })
  })

  test('has the variables that its entry inherits by name, and none of those we lack', () => {
    const env = childEnvironment({ env: {}, inherit: ['AWS_PROFILE', 'AWS_REGION'] }, LINUX)
    expect(env).toEqual({ PATH: '/bin', HOME: '/home/anna', LANG: 'C', AWS_PROFILE: 'work' })
  })

  test('is ours as a whole where its entry inherits all', () => {
    expect(childEnvironment({ env: {}, inherit: 'all' }, LINUX)).toEqual(OURS)
  })

  test('is ruled by what the entry sets, whatever it inherits', () => {
    const entry = { env: { GITHUB_TOKEN: new Secret('its own', '${GITHUB_TOKEN}'), PATH: '/its/bin' }, inherit: 'all' as const }
    const env = childEnvironment(entry, { ...LINUX, path: '/login/bin' })
    expect(env).toEqual({ ...OURS, GITHUB_TOKEN: 'its own', PATH: '/its/bin' })
  })

  test('has the PATH of the login shell where there is one', () => {
    expect(childEnvironment({ env: {}, inherit: [] }, { ...LINUX, path: '/login/bin:/bin' }).PATH).toBe('/login/bin:/bin')
  })

  test('has no function that a shell exported, unless it asks for it by name', () => {
    const around = { ...LINUX, env: { ...OURS, 'BASH_FUNC_x%%': '() {  :\n}' } }
    expect(childEnvironment({ env: {}, inherit: 'all' }, around)).toEqual(OURS)
    expect(childEnvironment({ env: {}, inherit: ['BASH_FUNC_x%%'] }, around)).toHaveProperty('BASH_FUNC_x%%')
  })

  test('has each variable once on Windows, where the spelling makes no difference', () => {
    const env = { Path: 'C:\\bin', SYSTEMROOT: 'C:\\Windows' }
    const around = { env, platform: 'win32', path: undefined } as const
    expect(childEnvironment({ env: { PATH: 'D:\\bin' }, inherit: 'all' }, around)).toEqual({
      PATH: 'D:\\bin',
      SYSTEMROOT: 'C:\\Windows',
    })
  })
})
