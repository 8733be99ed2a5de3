/** Measures the memory of processes together with everything they started. */
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'

export interface ProcessRow {
  pid: number
  parent: number
  /** The process group; 0 where the system has none. */
  group: number
  rssBytes(): Promise<number> | number
}

const KIB = 1_024

/** The resident memory of each of these processes, of its descendants and of its group, by pid. */
export async function residentBytes(pids: readonly number[]): Promise<Map<number, number>> {
  if (pids.length === 0) return new Map()
  const rows = await allProcesses()
  return new Map(
    await Promise.all(
      pids.map(async (pid) => {
        const sizes = await Promise.all(familyOf(pid, rows).map((row) => row.rssBytes()))
        return [pid, sizes.reduce((sum, size) => sum + size, 0)] as const
      }),
    ),
  )
}

/** The process itself, its group, and the descendants of all of these. */
export function familyOf<Row extends Pick<ProcessRow, 'pid' | 'parent' | 'group'>>(pid: number, rows: readonly Row[]): Row[] {
  const members = new Set(rows.filter((row) => row.pid === pid || row.group === pid).map((row) => row.pid))
  for (let before = -1; before !== members.size; ) {
    before = members.size
    for (const row of rows) if (members.has(row.parent)) members.add(row.pid)
  }
  return rows.filter((row) => members.has(row.pid))
}

async function allProcesses(): Promise<ProcessRow[]> {
  try {
    if (process.platform === 'linux') return await fromProc()
    return await (process.platform === 'win32' ? fromPowerShell() : fromPs())
  } catch {
    // A number that the system does not give is no reason to fail; it is shown as nothing.
    return []
  }
}

async function fromProc(): Promise<ProcessRow[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const rows = await Promise.all(pids.map(procRow))
  return rows.flatMap((row) => row ?? [])
}

async function procRow(pid: number): Promise<ProcessRow | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { pid, parent: Number(parent), group: Number(group), rssBytes: () => procRss(pid) }
  } catch {
    // It has ended since it was listed.
    return undefined
  }
}

/** In kilobytes whatever the size of a page is, unlike the count in stat. */
async function procRss(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * KIB
}

async function fromPs(): Promise<ProcessRow[]> {
  return rowsOf(await output('ps', ['-axo', 'pid=,ppid=,pgid=,rss=']), KIB)
}

async function fromPowerShell(): Promise<ProcessRow[]> {
  const query =
    'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) 0 $($_.WorkingSetSize)" }'
  return rowsOf(await output('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', query]), 1)
}

function rowsOf(text: string, unit: number): ProcessRow[] {
  return [...text.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*$/gm)].map(([, pid, parent, group, rss]) => ({
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    rssBytes: () => Number(rss) * unit,
  }))
}

function output(command: string, args: string[]): Promise<string> {
  const options = { timeout: 5_000, maxBuffer: 16 * 1_048_576, windowsHide: true }
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout) => (error ? reject(error) : resolve(stdout)))
  })
}
