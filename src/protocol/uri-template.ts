/** Tells whether a URI could have come from a URI template (RFC 6570), to find the server that owns it. */

interface Part {
  literal: string
  /** Characters that the expression behind the literal cannot have produced, undefined behind the last literal. */
  without: RegExp | undefined
}

/**
 * A test for URIs of the template, linear in the URI: each expression takes as little as it can up to the next literal.
 * A malformed template matches nothing.
 */
export function templateMatcher(template: string): (uri: string) => boolean {
  const parts: Part[] = []
  let from = 0
  for (const match of template.matchAll(/\{([+#./;?&]?)[^{}]*\}/g)) {
    parts.push({ literal: template.slice(from, match.index), without: FORBIDDEN[match[1] as string] ?? /[/?#]/ })
    from = match.index + match[0].length
  }
  parts.push({ literal: template.slice(from), without: undefined })
  if (parts.some((part) => /[{}]/.test(part.literal))) return () => false
  return (uri) => matches(parts, uri)
}

/** By operator: reserved and fragment expansion may hold anything, query and path ones what their place allows. */
const FORBIDDEN: Record<string, RegExp> = { '+': /(?!)/, '#': /(?!)/, '/': /[?#]/, '?': /[#]/, '&': /[#]/, ';': /[?#]/ }

function matches(parts: readonly Part[], uri: string): boolean {
  const [head, ...rest] = parts as [Part, ...Part[]]
  if (!uri.startsWith(head.literal)) return false
  let at = head.literal.length
  let without = head.without
  for (const [index, part] of rest.entries()) {
    const last = index === rest.length - 1
    const next = last ? uri.length - part.literal.length : uri.indexOf(part.literal, at)
    if (next < at || !uri.startsWith(part.literal, next)) return false
    if (without?.test(uri.slice(at, next))) return false
    at = next + part.literal.length
    without = part.without
  }
  return at === uri.length
}
