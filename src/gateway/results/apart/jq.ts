/** Runs a jq filter over a kept result: jq itself, compiled to WebAssembly, which sees no files, no network and no environment. */
import { closeSync, openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { estimateTokens, fittingLength } from '../../../observe/tokens.ts'
import { formatSize } from '../../../std/format-size.ts'
import type { Slice } from '../store.ts'
import type { JqJob, Outcome } from './job.ts'

/** What jq may take; documents take about six times their size. */
const MEMORY_BYTES_MAX = 536_870_912
const PAGE_BYTES = 65_536
const MESSAGE_CHARS_MAX = 500

interface Jq {
  /** The output without its last line break. Throws with `stderr` where jq fails. */
  raw(input: Uint8Array, filter: string, flags: string[]): string | undefined
}

/** As far as we meddle with it; the types of Node do not know it. */
interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

export async function jq({ slice, filter, tokens }: JqJob): Promise<Outcome> {
  limitMemory()
  const input = read(slice)
  // The package has no types, and the promise that it exports would not survive `import`.
  const program = await (createRequire(import.meta.url)('jq-web') as Promise<Jq>)
  try {
    return fitted(program.raw(input, filter, ['-c']) ?? '', tokens)
  } catch (error) {
    return { problem: explained(error as { message: string; stderr?: string }) }
  }
}

/** The memory of WebAssembly is none of the JavaScript heap, and its own bound is two gigabytes. */
function limitMemory(): void {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: { prototype: WasmMemory } } }
  const { prototype } = WebAssembly.Memory
  const grow = prototype.grow
  prototype.grow = function (this: WasmMemory, pages: number): number {
    if (this.buffer.byteLength + pages * PAGE_BYTES > MEMORY_BYTES_MAX) throw new RangeError('jq may not take more memory')
    return grow.call(this, pages)
  }
}

function read({ file, start, bytes }: Slice): Buffer {
  const buffer = Buffer.allocUnsafe(bytes)
  const descriptor = openSync(file, 'r')
  try {
    for (let at = 0; at < bytes; ) {
      const count = readSync(descriptor, buffer, at, bytes - at, start + at)
      if (count === 0) return buffer.subarray(0, at)
      at += count
    }
    return buffer
  } finally {
    closeSync(descriptor)
  }
}

function fitted(output: string, tokens: number): Outcome {
  // Counting is one pass, so what is certainly too long is cut before.
  const head = output.slice(0, tokens * 20)
  if (head.length === output.length && estimateTokens(output) <= tokens) return { text: output || 'The filter gives nothing.' }
  const text = head.slice(0, fittingLength(head, tokens))
  const size = formatSize(Buffer.byteLength(output))
  return { text, note: `That is the beginning of ${size} of output; make the filter narrower, as in .[0:20] or map({id, name}).` }
}

function explained({ message, stderr }: { message: string; stderr?: string }): string {
  const said = (stderr || message).replaceAll(/ at inputString(?::\d+)?/g, '').trim()
  if (/cannot allocate memory|Aborted\(/.test(said)) {
    return `jq ran out of memory (${formatSize(MEMORY_BYTES_MAX)}); filter earlier, or use grep or read.`
  }
  if (/parse error|Invalid (numeric )?literal/.test(said))
    return `This is no JSON, so that jq cannot read it; use grep or read. ${cut(said)}`
  return cut(said)
}

function cut(text: string): string {
  return text.length > MESSAGE_CHARS_MAX ? `${text.slice(0, MESSAGE_CHARS_MAX)}…` : text
}
