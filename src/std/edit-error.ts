/** Why a file was not changed, in words for the person whose file it is. */

export type EditErrorCode =
  /** Another program holds the lock of the file. */
  | 'busy'
  /** Another program keeps changing the file. */
  | 'changed'
  /** Somebody has edited by hand what we wrote. */
  | 'customised'
  /** What lies there cannot be edited: a dangling link, a folder, a file that is too large or not text. */
  | 'unsuitable'
  /** The file or its folder is not ours to write. */
  | 'permission'
  /** The disk is full, or the system failed otherwise. */
  | 'system'
  /** The file could not be replaced at one stroke, and not restored either; its backup is whole. Windows only. */
  | 'half_written'
  /** What was written did not turn out as it should; the file is as it was. */
  | 'unverified'

/** An edit that did not happen. Unless the message says otherwise, the file is as it was before. */
export class EditError extends Error {
  readonly code: EditErrorCode

  constructor(code: EditErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'EditError'
    this.code = code
  }
}
