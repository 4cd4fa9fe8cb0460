// How often an event was tried in this process: a source says only that it is there again.

export interface Attempts {
  /** The number of this attempt, from 1. */
  next(eventId: string): number
  forget(eventId: string): void
}

/** Events that failed and did not come again are forgotten when there are more than these. */
const eventsMax = 1_000

export function createAttempts(): Attempts {
  const tried = new Map<string, number>()
  return {
    next: (eventId) => {
      const attempt = (tried.get(eventId) ?? 0) + 1
      tried.delete(eventId)
      tried.set(eventId, attempt)
      const [oldest] = tried.keys()
      if (tried.size > eventsMax && oldest !== undefined) tried.delete(oldest)
      return attempt
    },
    forget: (eventId) => void tried.delete(eventId),
  }
}
