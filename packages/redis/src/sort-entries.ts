// Which of the entries that a receiver was given it can hand out.
import { isGestaError } from '@gesta/core/ports'
import type { EnvelopeDraft } from '@gesta/core/ports'
import { eventOf } from './entry.ts'
import type { TakenEntry } from './group.ts'

export interface SortedEntries {
  readonly ids: readonly string[]
  /** Of the ids, in their order. */
  readonly events: readonly EnvelopeDraft[]
  /** The most deliveries that one of them had, this one counted. */
  readonly deliveries: number
  /** For another group: nothing is to be done here. */
  readonly passed: readonly string[]
  readonly unreadable: readonly string[]
}

export function sortEntries(entries: readonly TakenEntry[], group: string): SortedEntries {
  const ids: string[] = []
  const events: EnvelopeDraft[] = []
  const passed: string[] = []
  const unreadable: string[] = []
  let most = 1
  for (const { id, deliveries, fields } of entries) {
    try {
      const event = eventOf(fields, group)
      if (event === undefined) {
        passed.push(id)
        continue
      }
      ids.push(id)
      events.push(event)
      most = Math.max(most, deliveries)
    } catch (error) {
      if (!isGestaError(error, 'event_unreadable')) throw error
      unreadable.push(id)
    }
  }
  return { ids, events, deliveries: most, passed, unreadable }
}
