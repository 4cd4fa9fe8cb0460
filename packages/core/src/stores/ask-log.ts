// The lists of a log, events by position and commands by commit number: what their cursors are bound to, for every backend.
import type { CommandFilter } from './command-log/command-log.ts'
import type { EventFilter, LogIdentity } from './event/event-store.ts'
import { askPage } from './page.ts'
import type { AskedPage } from './page.ts'
import type { PageRequest } from './store.ts'

/** The checked question of a list of events; its cursor holds the position, encrypted. Errors: `invalid_cursor`; a `RangeError`. */
export function askEventPage(
  { order = 'oldest', ...filter }: EventFilter,
  page: PageRequest | undefined,
  { incarnation, secret }: LogIdentity,
): AskedPage<readonly [number]> {
  return askPage({ list: 'events', question: { ...filter, order, incarnation }, secret }, ['number'], page)
}

/** The checked question of a list of commands; its cursor holds the commit number, encrypted. Errors as for events. */
export function askCommandPage(
  { order = 'newest', ...filter }: CommandFilter,
  page: PageRequest | undefined,
  { incarnation, secret }: LogIdentity,
): AskedPage<readonly [number]> {
  return askPage({ list: 'commands', question: { ...filter, order, incarnation }, secret }, ['number'], page)
}
