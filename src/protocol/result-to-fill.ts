/** A result whose value is written into its place: for what is too large to be held twice. */
import { Message } from './message.ts'
import { resultOf } from './read.ts'

/** The message, under a placeholder id, and in it the place for so many bytes of JSON. */
export function resultToFill(bytes: number): { message: Message; value: Buffer } {
  const frame = resultOf('')
  const message = new Message(Buffer.alloc(frame.bytes.length + bytes))
  frame.bytes.copy(message.bytes, 0, 0, frame.bodyStart)
  frame.bytes.copy(message.bytes, frame.bodyStart + bytes, frame.bodyStart)
  message.kind = frame.kind
  message.idStart = frame.idStart
  message.idEnd = frame.idEnd
  message.bodyStart = frame.bodyStart
  message.bodyEnd = frame.bodyEnd + bytes
  return { message, value: message.bytes.subarray(message.bodyStart, message.bodyEnd) }
}
