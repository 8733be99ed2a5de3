/** Reads what an entry says beside what runs: time limits, tools, whether it is on, and what has no counterpart here. */
import { formatDuration } from '../../std/duration.ts'
import { isTree } from '../formats/format.ts'
import type { RawEntry } from './raw-entry.ts'
import type { ServerEntry } from './server-entry.ts'
import { strings } from './strings.ts'

const ALLOW_KEYS = ['tools', 'includeTools', 'enabled_tools', 'enabledTools', 'available_tools', 'allowedTools', 'allowed_tools']
const DENY_KEYS = ['excludeTools', 'disabledTools', 'disabled_tools', 'deniedTools', 'denied_tools']
const APPROVAL_KEYS = ['alwaysAllow', 'autoApprove', 'trust', 'default_tools_approval_mode']

/** Keys that say nothing about what runs: for people, for lists, for the client alone. */
const SILENT = new Set(
  (
    'name title description display_name icon icons gallery source version $schema metadata tags required alwaysLoad ' +
    'start_on_launch bundled id provider logoUrl timeout'
  ).split(' '),
)

/** The settings of an entry, in the words of our config. What cannot be carried over is noted. */
export function readSettings(raw: RawEntry): ServerEntry {
  const settings = { ...limits(raw), ...tools(raw), ...state(raw) }
  noteApprovals(raw)
  const keys = raw.unused().filter((key) => !SILENT.has(key))
  const have = keys.length > 1 ? 'have' : 'has'
  if (keys.length > 0) raw.notes.push({ kind: 'left out', text: `${keys.join(', ')} ${have} no counterpart here` })
  return settings
}

function limits(raw: RawEntry): Pick<ServerEntry, 'timeout' | 'start_timeout'> {
  const limits: Pick<ServerEntry, 'timeout' | 'start_timeout'> = {}
  for (const [key, { as, unitMs }] of Object.entries(raw.dialect.timeouts ?? {})) {
    const value = raw.get(key)
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) limits[as] = formatDuration(Math.round(value * unitMs))
  }
  return limits
}

function tools(raw: RawEntry): Pick<ServerEntry, 'tools'> {
  const lists = ALLOW_KEYS.map((key) => raw.get(key)).filter(isNames)
  const named = lists.flat().filter((name) => name !== '*')
  const all = lists.length === 0 || lists.flat().includes('*')
  const deny = [...DENY_KEYS.flatMap((key) => strings(raw.get(key))), ...switched(raw, 'enabled', false)]
  if (all && deny.length === 0) return {}
  return { tools: { ...(!all && { allow: named }), ...(deny.length > 0 && { deny }) } }
}

/** The tools that a map of tools says this of. */
function switched(raw: RawEntry, key: string, value: unknown): string[] {
  const byName = raw.get('tools')
  return isTree(byName) ? Object.keys(byName).filter((name) => isTree(byName[name]) && byName[name][key] === value) : []
}

function state(raw: RawEntry): Pick<ServerEntry, 'disabled'> {
  const off = [true, 'true'].includes(raw.get('disabled') as boolean | string)
  const notOn = ['enabled', 'active', 'isActive'].map((key) => raw.get(key)).includes(false)
  return off || notOn ? { disabled: true } : {}
}

/** The gateway asks nobody; it is the client that asks before it calls a tool, and it will ask about the gateway's tools. */
function noteApprovals(raw: RawEntry): void {
  const listed = APPROVAL_KEYS.flatMap((key) => {
    const value = raw.get(key)
    if (value === true || value === 'approve' || value === 'auto') return ['every tool']
    return strings(value).map((name) => (name === '*' ? 'every tool' : name))
  })
  const policies = raw.get('tools')
  const named = Array.isArray(policies) ? policies.filter(isTree).flatMap(({ name }) => strings([name])) : []
  const tools = new Set([...listed, ...switched(raw, 'approval_mode', 'approve'), ...named])
  if (tools.size === 0) return
  raw.notes.push({ kind: 'approvals', text: `the client called ${[...tools].join(', ')} without asking; allow it there again` })
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
