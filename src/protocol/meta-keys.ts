/** The keys of `_meta` that the stateless era gives a meaning (specification 2026-07-28: Basic, Per-request metadata). */

/** The revision that a request is written in; every request of the stateless era has it, and none of the session era. */
export const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
export const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities'
export const CLIENT_INFO_KEY = 'io.modelcontextprotocol/clientInfo'
export const LOG_LEVEL_KEY = 'io.modelcontextprotocol/logLevel'
/** In results: who answers. */
export const SERVER_INFO_KEY = 'io.modelcontextprotocol/serverInfo'
/** In notifications: the id of the `subscriptions/listen` that they belong to. */
export const SUBSCRIPTION_KEY = 'io.modelcontextprotocol/subscriptionId'
/** In capabilities: the extension for tasks (SEP-2663). */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks'

/** What a request says of its client and of itself, and no server of the session era understands. */
export const ENVELOPE_KEYS: ReadonlySet<string> = new Set([VERSION_KEY, CAPABILITIES_KEY, CLIENT_INFO_KEY, LOG_LEVEL_KEY])
