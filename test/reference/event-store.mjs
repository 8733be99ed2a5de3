/** Remembers what a session sent on its streams, so that a client that lost one can have the rest. */

const eventsMax = 1000

export function createEventStore() {
  const events = []
  let last = 0
  const streamOf = (eventId) => events.find(({ id }) => id === eventId)?.streamId
  return {
    async storeEvent(streamId, message) {
      last += 1
      events.push({ id: String(last), streamId, message })
      if (events.length > eventsMax) events.shift()
      return String(last)
    },
    async getStreamIdForEventId(eventId) {
      return streamOf(eventId)
    },
    async replayEventsAfter(lastEventId, { send }) {
      const streamId = streamOf(lastEventId)
      const start = events.findIndex(({ id }) => id === lastEventId)
      const missed = events.slice(start + 1).filter((event) => event.streamId === streamId)
      for (const { id, message } of missed) {
        // The event that opens a stream carries no message.
        if (message.jsonrpc !== undefined) await send(id, message)
      }
      return streamId
    },
  }
}
