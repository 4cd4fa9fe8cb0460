// Reads the log page after page for who wants all of it: while a page is used, the store already fetches the next one.
import type { EventStore, StoredEvent } from './event-store.ts'

export interface ReadAhead {
  /**
   * Whole commits after a position, about `limit` events, as `EventStore.readAll`. A page that is full has the next one fetched at
   * once; whoever goes on from its end, with the same limit, finds it there. Errors: those of the store; a failed fetch ahead is
   * none, the page is then read when it is asked for.
   */
  page(after: number, limit: number): Promise<readonly StoredEvent[]>
  /** Drops what was fetched ahead. */
  forget(): void
}

/** Readers at different places that are served at a time; each holds one page in memory. */
const readersMax = 4

export function createReadAhead(store: Pick<EventStore, 'readAll'>): ReadAhead {
  const fetched = new Map<string, Promise<readonly StoredEvent[] | undefined>>()
  const fetch = (after: number, limit: number): void => {
    const key = `${after} ${limit}`
    if (fetched.has(key)) return
    const [oldest] = fetched.keys()
    if (fetched.size === readersMax && oldest !== undefined) fetched.delete(oldest)
    fetched.set(
      key,
      store.readAll({ after, limit }).catch(() => undefined),
    )
  }
  return {
    page: async (after, limit) => {
      const key = `${after} ${limit}`
      const waiting = fetched.get(key)
      fetched.delete(key)
      const ahead = await waiting
      // A fetch at the end of the log found nothing; by now there may be more.
      const events = ahead === undefined || ahead.length === 0 ? await store.readAll({ after, limit }) : ahead
      const last = events.at(-1)
      if (last !== undefined && events.length >= limit) fetch(last.position, limit)
      return events
    },
    forget: () => fetched.clear(),
  }
}
