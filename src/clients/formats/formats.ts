/** Every kind of file that clients keep their servers in. */
import type { Format, FormatName } from './format.ts'
import { jsonFormat } from './json.ts'
import { tomlFormat } from './toml.ts'
import { yamlFormat } from './yaml.ts'

export const formats: Record<FormatName, Format> = {
  json: jsonFormat({ comments: false, trailingCommas: false }),
  'json-comments': jsonFormat({ comments: true, trailingCommas: false }),
  jsonc: jsonFormat({ comments: true, trailingCommas: true }),
  toml: tomlFormat,
  yaml: yamlFormat,
}
