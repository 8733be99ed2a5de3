/** Gives each word that tools are described by a number. It only grows, so indexes that follow each other share one. */
import { stem } from './stem.ts'
import { isStopWord, plainWord } from './words.ts'

/** The number of a word that is not searched. */
export const UNSEARCHED = -1

export class Dictionary {
  readonly #ids = new Map<string, number>()
  /** By word as it is written: the number of its stem. All tools together use few words, so each is stemmed once. */
  readonly #written = new Map<string, number>()

  get size(): number {
    return this.#ids.size
  }

  get stems(): Iterable<string> {
    return this.#ids.keys()
  }

  /** The number of a stem; undefined where no tool has it. */
  id(root: string): number | undefined {
    return this.#ids.get(root)
  }

  /** The number of a stem, which is new where need be. */
  add(root: string): number {
    let id = this.#ids.get(root)
    if (id === undefined) {
      id = this.#ids.size
      this.#ids.set(root, id)
    }
    return id
  }

  /** The number of a word as it is written in a text. */
  addWritten(part: string): number {
    let id = this.#written.get(part)
    if (id === undefined) {
      const word = plainWord(part)
      id = word === '' || isStopWord(word) ? UNSEARCHED : this.add(stem(word))
      this.#written.set(part, id)
    }
    return id
  }
}
