import { describe, expect, it } from 'vitest'
import { floodOf, readBody } from '../../../src/gateway/results/body.ts'
import { errorReply, result } from '../../../src/protocol/read.ts'

const text = (tokens: number) => ({ type: 'text', text: 'word '.repeat(tokens) })
const image = (bytes: number) => ({ type: 'image', mimeType: 'image/png', data: Buffer.alloc(bytes).toString('base64') })

/** The places of the blocks that have to go, and whether the structured content has to. */
function flood(value: object): { blocks: number[]; structured: boolean } | undefined {
  const body = readBody(result(value))
  const found = body && floodOf(body, { tokens: 1_000, media: 10_000 })
  return (
    found && { blocks: body.blocks.flatMap((block, at) => (found.blocks.has(block) ? [at] : [])), structured: found.structured }
  )
}

describe('what is too large in a result', () => {
  it('is nothing where everything fits', () => {
    expect(flood({ content: [text(400), text(400), image(9_000)] })).toBeUndefined()
  })

  it('is the largest of its texts, and no more than has to go', () => {
    expect(flood({ content: [text(100), text(5_000), text(700)] })).toEqual({ blocks: [1], structured: false })
    expect(flood({ content: [text(700), text(700), text(600)] })).toEqual({ blocks: [0, 1], structured: false })
  })

  it('is many small texts, too', () => {
    expect(flood({ content: Array(100).fill(text(20)) })?.blocks.length).toBeGreaterThan(40)
  })

  it('is counted for pictures in bytes, apart from the texts', () => {
    expect(flood({ content: [text(900), image(20_000), image(8_000)] })).toEqual({ blocks: [1], structured: false })
  })

  it('may be the structured content alone, or the text that says the same', () => {
    const structuredContent = { words: Array(3_000).fill('word') }
    expect(flood({ content: [text(10)], structuredContent })).toEqual({ blocks: [], structured: true })
    expect(flood({ content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent })).toEqual({
      blocks: [0],
      structured: true,
    })
  })

  it('is found in embedded resources and in blocks of kinds that nobody knows yet', () => {
    const resource = (content: object) => ({ type: 'resource', resource: { uri: 'a:b', ...content } })
    expect(flood({ content: [resource({ text: 'word '.repeat(5_000) })] })?.blocks).toEqual([0])
    expect(flood({ content: [resource({ blob: Buffer.alloc(20_000).toString('base64') })] })?.blocks).toEqual([0])
    expect(flood({ content: [{ type: 'hologram', voxels: Array(5_000).fill('word') }] })?.blocks).toEqual([0])
    expect(flood({ content: [{ type: 'text', text: { not: Array(5_000).fill('a text') } }] })?.blocks).toEqual([0])
  })

  it('is not looked for in errors and in what is no result of a tool', () => {
    expect(readBody(errorReply(-32_000, 'x'.repeat(100_000)))).toBeUndefined()
    expect(readBody(result({ contents: [] }))).toBeUndefined()
    expect(readBody(result({ content: 'text' }))).toBeUndefined()
  })
})
