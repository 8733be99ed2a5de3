/** Where files belong on each platform. */
import { homedir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { configDir, expandHome, homeDir, stateDir } from '../../src/std/paths.ts'

const HOME = '/home/anna'

describe('expandHome', () => {
  test.each([
    ['~', '/home/anna'],
    ['~/work', '/home/anna/work'],
    ['~\\work', '/home/anna\\work'],
    ['~bob/work', '~bob/work'],
    ['/a/~', '/a/~'],
    ['a/~/b', 'a/~/b'],
    ['', ''],
  ])('%s is %s', (path, expanded) => {
    expect(expandHome(path, HOME)).toBe(expanded)
  })
})

describe('configDir and stateDir', () => {
  test('follow XDG where it is set, on every platform', () => {
    const env = { XDG_CONFIG_HOME: '/x/config', XDG_STATE_HOME: '/x/state' }
    for (const platform of ['linux', 'darwin'] as const) {
      expect(configDir(env, platform, HOME)).toBe('/x/config/mcp-gw')
      expect(stateDir(env, platform, HOME)).toBe('/x/state/mcp-gw')
    }
    expect(configDir({ XDG_CONFIG_HOME: 'D:\\config' }, 'win32', 'C:\\Users\\anna')).toBe('D:\\config\\mcp-gw')
  })

  test('ignore a relative XDG folder, as its specification tells', () => {
    expect(configDir({ XDG_CONFIG_HOME: 'config' }, 'linux', HOME)).toBe('/home/anna/.config/mcp-gw')
    expect(stateDir({ XDG_STATE_HOME: '' }, 'linux', HOME)).toBe('/home/anna/.local/state/mcp-gw')
  })

  test('are the folders that the platform has for this', () => {
    expect(configDir({}, 'darwin', HOME)).toBe('/home/anna/Library/Application Support/mcp-gw')
    expect(stateDir({}, 'darwin', HOME)).toBe('/home/anna/Library/Application Support/mcp-gw')
    const windows = { APPDATA: 'C:\\R', LOCALAPPDATA: 'C:\\L' }
    expect(configDir(windows, 'win32', 'C:\\Users\\anna')).toBe('C:\\R\\mcp-gw')
    expect(stateDir(windows, 'win32', 'C:\\Users\\anna')).toBe('C:\\L\\mcp-gw')
    expect(configDir({}, 'win32', 'C:\\Users\\anna')).toBe('C:\\Users\\anna\\AppData\\Roaming\\mcp-gw')
    expect(stateDir({}, 'win32', 'C:\\Users\\anna')).toBe('C:\\Users\\anna\\AppData\\Local\\mcp-gw')
  })
})

test('homeDir is the folder that the environment names', () => {
  expect(homeDir({ HOME })).toBe(HOME)
  expect(homeDir({ USERPROFILE: 'C:\\Users\\anna' })).toBe('C:\\Users\\anna')
  expect(homeDir({})).toBe(homedir())
})
