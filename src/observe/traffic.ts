/** What happened on the way to one server, in numbers that `/health` shows. */
export interface Traffic {
  calls: number
  /** Calls that got no answer: timeouts, crashes, refusals. A tool's own error is an answer. */
  failures: number
  /** Sum of the time that answered calls took, in milliseconds. */
  answeredMs: number
}

export function newTraffic(): Traffic {
  return { calls: 0, failures: 0, answeredMs: 0 }
}
