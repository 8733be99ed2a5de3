/** YAML: changes one key of a mapping and leaves the rest as it is written. */
import { type Format, FormatRefusal } from './format.ts'

const no = (): never => {
  throw new FormatRefusal('not yet')
}
export const yamlFormat: Format = { read: no, set: no, remove: no, slice: no, insert: no }
