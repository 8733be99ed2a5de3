/** An end of a command that is no accident. */

/** Ends the command with a message for people and an exit code: 1 failed, 2 wrong use. */
export class Exit extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
