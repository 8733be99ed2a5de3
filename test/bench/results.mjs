/** What the echo servers answer with: prose of an exact size, always the same, as real tools give it. */

/** The sizes that are measured, in KB (1,000 bytes) of UTF-8 text. */
export const sizes = [0.2, 10, 100, 1000]

/** Quotes, newlines, tabs, backslashes and non-ASCII, because one repeated letter would flatter every JSON parser and scanner. */
const sentences = [
  'The build finished in 4.2 s; "dist/main.js" is the bundle and nothing else was written.\n',
  'Each attempt asks again, because retry stands outside the breaker and outside the slot that a call holds.\n',
  '## Results\n\n| file | lines | note |\n|---|--:|---|\n| src/index.ts | 120 | "entry point" |\n',
  'Die Größe beträgt 12 µm – gemessen am 3. März, bestätigt am Tag darauf.\n',
  'C:\\Users\\Zoë\\notes.txt was not found; looked in C:\\Users\\Zoë and in C:\\Temp.\n',
  '{\n\t"status": "ok",\n\t"count": 17,\n\t"next": null\n}\n',
  'She said: “It works on my machine,” and for once it did. ✅\n',
  'There are 3 open issues; the oldest one has waited since spring and has 14 comments.\n',
  '検索結果は二件です。最初のものをご覧ください。\n',
  'function add(a, b) {\n  return a + b // It is not "clever", and that is the point.\n}\n',
  'A reply that nobody looked into leaves as the bytes it came in. That is why it is cheap.\n',
  'Open the panel, choose a server, and press Start; its last lines appear below the name.\n',
]

/** `kilobytes` × 1,000 bytes of prose; the last character is never cut in two. */
export function prose(kilobytes) {
  const bytes = Math.round(kilobytes * 1000)
  const parts = []
  let random = 1
  for (let left = bytes + 200; left > 0; left -= Buffer.byteLength(parts.at(-1))) {
    random = (random * 48_271) % 2_147_483_647
    parts.push(sentences[random % sentences.length])
  }
  const whole = Buffer.from(parts.join(''))
  let end = bytes
  while ((whole[end] & 0xc0) === 0x80) end -= 1
  return whole.toString('utf8', 0, end) + '.'.repeat(bytes - end)
}
