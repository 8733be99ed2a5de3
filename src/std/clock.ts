/** The clock that differences of time are taken on, in milliseconds; it tells no date. */
export function clock(): number {
  // Not `performance.now`, at whose first use Node loads all of its tools for measuring.
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000 + nanoseconds / 1e6
}
