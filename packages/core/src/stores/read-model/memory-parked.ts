// Parked events of one view in memory, by position: waiting ones, and records of the newest discarded ones.
import { pageLimit } from '../page.ts'
import { discardedMax } from './parked-event.ts'
import type { ParkedEvent, ParkedFilter, ParkedRequest } from './parked-event.ts'

export interface MemoryParked {
  park(events: readonly ParkedEvent[]): void
  unpark(positions: readonly number[]): void
  list(filter: ParkedFilter): readonly ParkedEvent[]
  total(): number
  ask(request: ParkedRequest): number
  clear(): void
}

export function createMemoryParked(): MemoryParked {
  const events = new Map<number, ParkedEvent>()
  const inOrder = (discarded: boolean): ParkedEvent[] =>
    [...events.values()].filter((event) => event.discarded === discarded).sort((a, b) => a.position - b.position)
  return {
    park: (parked) => {
      for (const event of parked) events.set(event.position, { ...event, rows: [...event.rows] })
      if (!parked.some(({ discarded }) => discarded)) return
      for (const { position } of inOrder(true).slice(0, -discardedMax)) events.delete(position)
    },
    unpark: (positions) => {
      for (const position of positions) events.delete(position)
    },
    list: ({ tenant, key, discarded = false, asked, after = 0, limit }) =>
      inOrder(discarded)
        .filter(
          (event) =>
            event.position > after &&
            (tenant === undefined || event.tenant === tenant) &&
            (key === undefined || event.key === key) &&
            (asked === undefined || (event.asked !== undefined) === asked),
        )
        .slice(0, pageLimit(limit, 100)),
    total: () => inOrder(false).length,
    ask: (request) => {
      const concerned = inOrder(false).filter((event) =>
        request.ask === 'retry'
          ? event.tenant === request.tenant && event.key === request.key
          : event.position === request.position,
      )
      const reason = request.ask === 'retry' ? undefined : request.reason
      for (const event of concerned) events.set(event.position, { ...event, asked: request.ask, reason })
      return concerned.length
    },
    clear: () => events.clear(),
  }
}
