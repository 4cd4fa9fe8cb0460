// What the cases of this suite are written with: a command log, the event store whose commits it shows, and a plain filter.
import assert from 'node:assert/strict'
import type { OutcomeKind, StoredHeader } from '../../stores/commit.ts'
import type { CommandFilter, CommandLogStore } from '../../stores/command-log/command-log-store.ts'
import type { EventStore } from '../../stores/event/event-store.ts'
import { commit, oneTo, stored, stream } from '../event-store/given.ts'
import { everyPage } from '../event-store/plain-list.ts'
import type { Case } from '../suite.ts'

/** `durable`: what was acknowledged is found again when the store is opened again. `rewriting`: the log can be emptied. */
export type CommandLogCapability = 'durable' | 'rewriting'
export interface GivenCommandLog {
  readonly log: CommandLogStore
  /** The event store of the same backend: what writes the log. */
  readonly events: EventStore
  /** Closes the backend and opens it again. */
  reopen(): Promise<CommandLogStore>
}
export type CommandLogCase = Case<GivenCommandLog, CommandLogCapability>

export const startUs = 1_700_000_000_000_000
const outcomes: readonly OutcomeKind[] = [
  'accepted',
  'rejected',
  'denied',
  'failed',
  'timed_out',
  'duplicate',
  'abandoned',
]
const tenants = ['left', 'right', '']

/** Stores commands of every kind, 42 of them, with and without events. Returns them as they are to be found, in their order. */
export async function storeCommands(events: EventStore): Promise<readonly StoredHeader[]> {
  const headers: StoredHeader[] = []
  for (const number of oneTo(42)) {
    const given = commit({
      commandId: `command-a${number}`,
      commandType: number % 4 === 0 ? 'Order.Cancel' : 'Order.Place',
      tenant: tenants[Math.floor(number / 3) % 3] as string,
      outcome: outcomes[number % outcomes.length] as OutcomeKind,
      recordedAt: startUs + number * 1000,
      context: JSON.stringify({
        ...(number % 2 === 0 && { identity: `user-${number % 3}` }),
        ...(number % 5 !== 0 && { account: `account-${number % 3}` }),
        ...(number % 6 === 0 && { correlationId: number % 4 === 0 ? 'command-a5' : 'elsewhere' }),
      }),
      ...(number % 3 === 0 && { answer: `{"number":${number}}`, version: number, fingerprint: `print-${number}` }),
      streams: number % 2 === 0 ? [] : [stream('a', 'any', ['1', '2'])],
    })
    const { commitNo, position } = await stored(events, given)
    const { tenant, commandId, recordedAt, context, header } = given
    const eventCount = number % 2 === 0 ? 0 : 2
    headers.push({ tenant, commandId, ...header, commitNo, position, eventCount, recordedAt, context })
  }
  return headers
}

/** Filters of one field each; every one finds some of these commands and leaves others out. */
export const singleFilters: readonly CommandFilter[] = [
  { tenant: 'left' },
  { tenant: '' },
  { outcomes: ['denied'] },
  { outcomes: ['failed', 'timed_out'] },
  { commandType: 'Order.Cancel' },
  { correlationId: 'command-a5' },
  { correlationId: 'command-a7' },
  { correlationId: 'elsewhere' },
  { sender: 'user-1' },
  { sender: 'account-1' },
  { from: startUs + 21_000 },
  { to: startUs + 21_000 },
]

/** What a list holds without paging. */
export function plainCommands(headers: readonly StoredHeader[], filter: CommandFilter): readonly StoredHeader[] {
  const { tenant, outcomes: asked, commandType, correlationId, sender, from = 0, to = Number.MAX_SAFE_INTEGER } = filter
  const found = headers.filter((header) => {
    const sent = JSON.parse(header.context) as { identity?: string; account?: string; correlationId?: string }
    if (tenant !== undefined && header.tenant !== tenant) return false
    if (asked !== undefined && !asked.includes(header.outcome)) return false
    if (commandType !== undefined && header.commandType !== commandType) return false
    if (correlationId !== undefined && ![sent.correlationId, header.commandId].includes(correlationId)) return false
    if (sender !== undefined && (sent.identity ?? sent.account) !== sender) return false
    return header.recordedAt >= from && header.recordedAt < to
  })
  return filter.order === 'oldest' ? found : found.toReversed()
}

/** Insists that lists and counts are those of all commands, filtered in plain JavaScript. Returns how many match. */
export async function checkCommands(
  log: CommandLogStore,
  headers: readonly StoredHeader[],
  filter: CommandFilter,
  limit = 3,
): Promise<number> {
  for (const order of ['oldest', 'newest', undefined] as const) {
    const expected = plainCommands(headers, { ...filter, order })
    const asked = { ...filter, order }
    assert.deepEqual(await everyPage((page) => log.list(asked, page), { limit }), expected)
    const page = await log.list(asked, { limit, offset: limit, withTotal: true })
    assert.deepEqual([page.items, page.total], [expected.slice(limit, limit * 2), expected.length])
  }
  const count = plainCommands(headers, filter).length
  assert.equal(await log.total(filter), count)
  return count
}
