// Lists, counts and distinct values over a log in memory: event by event, as the port says it.
import { askEventPage } from '../ask-log.ts'
import { numberedPage } from '../numbered-list.ts'
import { pageLimit } from '../page.ts'
import { compareText } from '../read-model/row-order.ts'
import type { Page, PageRequest } from '../store.ts'
import { checkEventFilter, checkEventValues, eventMatcher, valueOf } from './event-filter.ts'
import type { EventField, EventFilter, LogIdentity, StoredEvent, ValuesPage } from './event-store.ts'

export function listEvents(
  { events, identity }: { readonly events: readonly StoredEvent[]; readonly identity: LogIdentity },
  filter: EventFilter,
  page?: PageRequest,
): Page<StoredEvent> {
  const found = matching(events, filter)
  const asked = askEventPage(filter, page, identity)
  return numberedPage(found, ({ position }) => position, filter.order === 'newest', asked)
}

export function countEvents(log: readonly StoredEvent[], filter: EventFilter = {}): number {
  return matching(log, filter).length
}

export function uniqueEventValues(
  log: readonly StoredEvent[],
  field: EventField,
  filter: EventFilter = {},
  page: ValuesPage = {},
): readonly string[] {
  checkEventValues(field, page)
  const { after } = page
  const limit = pageLimit(page.limit, 100)
  const values = new Set(matching(log, filter).map(valueOf[field]))
  return [...values]
    .filter((value) => value !== undefined)
    .filter((value) => after === undefined || compareText(value, after) > 0)
    .sort(compareText)
    .slice(0, limit)
}

function matching(log: readonly StoredEvent[], filter: EventFilter): readonly StoredEvent[] {
  checkEventFilter(filter)
  return log.filter(eventMatcher(filter))
}
