// What the cases of this suite are written with: a command log, a way to have records stored in it, and a plain filter.
import assert from 'node:assert/strict'
import type { CommandFilter, CommandLog } from '../../stores/command-log/command-log.ts'
import type { CommandLogStore } from '../../stores/command-log/command-log-store.ts'
import type { CommandRecord, CommandStatus } from '../../stores/command-log/command-record.ts'
import type { EventStore } from '../../stores/event/event-store.ts'
import type { Page, PageRequest } from '../../stores/store.ts'
import type { Case } from '../suite.ts'

export interface GivenCommandLog {
  readonly log: CommandLog
  /** Has records stored, one after the other. Returns them as they are to be found, in their order. */
  record(records: readonly CommandRecord[]): Promise<readonly CommandRecord[]>
  /** Closes the log and opens it again. */
  reopen(): Promise<CommandLog>
  close(): Promise<void>
}
/** A log of headers: its records are stored by commits. */
export interface GivenHeaders extends GivenCommandLog {
  /** The event store of the same backend. */
  readonly events: EventStore
}
/** A log of its own. */
export interface GivenCommandLogStore extends GivenCommandLog {
  readonly log: CommandLogStore
  /** Opens the same place once more, as another process would. */
  another(): Promise<CommandLogStore>
}
/** `durable`: what was acknowledged is found again when the log is opened again. `rewriting`: the event store can be emptied. */
export type CommandLogCapability = 'durable' | 'rewriting'
/** `durable` as above. `shared`: the same place can be opened several times at once, by one process or by many. */
export type CommandLogStoreCapability = 'durable' | 'shared'
export type CommandLogCase = Case<GivenCommandLog, 'durable'>
export type HeaderCase = Case<GivenHeaders, CommandLogCapability>
export type CommandLogStoreCase = Case<GivenCommandLogStore, CommandLogStoreCapability>

export const tenant = 'tenant-1'
export const startUs = 1_700_000_000_000_000
/** How a command can have ended. */
export const endings = ['accepted', 'rejected', 'denied', 'failed', 'timed_out', 'duplicate', 'abandoned'] as const
let made = 0

/** The record of an accepted command with a fresh id, unless its fields say otherwise. */
export function command(fields: Partial<CommandRecord> = {}): CommandRecord {
  made += 1
  return {
    tenant,
    commandId: `command-${made}`,
    commandType: 'Order.Place',
    status: 'accepted',
    recordedAt: startUs + made,
    durationUs: 1_234,
    context: '{}',
    payload: '{"item":"a"}',
    metadata: {},
    error: undefined,
    permission: undefined,
    idempotencyKey: undefined,
    duplicateOf: undefined,
    retries: 0,
    events: [],
    messages: [],
    jobs: [],
    redacted: [],
    truncated: [],
    commitNo: undefined,
    ...fields,
  }
}
export function oneTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
/** `count` events, messages or jobs of a command. */
function idsOf(commandId: string, kind: '' | 'm' | 'j', count: number): readonly string[] {
  return oneTo(count).map((number) => `${commandId}.${kind}${number - 1}`)
}

/** A record that has every field. */
export function fullRecord(commandId: string, status: CommandStatus): CommandRecord {
  return command({
    commandId,
    status,
    context: '{"identity":"user-1","account":"account-1","correlationId":"chain","attributes":{"plan":"large"}}',
    payload: '{"items":["a","b"],"card":"[redacted]"}',
    metadata: { address: '192.0.2.1', requestId: 'request-1', agent: '' },
    error: { code: 'out_of_stock', message: 'Expected 2 of a, but 1 is left.' },
    permission: { asked: 'Order.Place', allowed: status !== 'denied', reason: 'A group of the identity allows it.' },
    idempotencyKey: 'key-1',
    duplicateOf: 'command-0',
    retries: 3,
    events: idsOf(commandId, '', 2).map((id) => ({ id, position: undefined })),
    messages: idsOf(commandId, 'm', 2),
    jobs: idsOf(commandId, 'j', 1),
    redacted: ['card'],
    truncated: ['metadata', 'error'],
  })
}

/** Records of every kind, 42 of them, with and without what a command can leave. */
export function variedRecords(): readonly CommandRecord[] {
  return oneTo(42).map((number) => {
    const commandId = `command-a${number}`
    const status = endings[number % endings.length] as CommandStatus
    return command({
      commandId,
      status,
      commandType: number % 4 === 0 ? 'Order.Cancel' : 'Order.Place',
      tenant: ['left', 'right', ''][Math.floor(number / 3) % 3] as string,
      recordedAt: startUs + number * 1000,
      context: JSON.stringify({
        ...(number % 2 === 0 && { identity: `user-${number % 3}` }),
        ...(number % 5 !== 0 && { account: `account-${number % 3}` }),
        ...(number % 6 === 0 && { correlationId: number % 4 === 0 ? 'command-a5' : 'elsewhere' }),
      }),
      payload: number % 5 === 0 ? undefined : `{"number":${number}}`,
      ...(number % 3 === 0 && { metadata: { requestId: `request-${number}` }, retries: number }),
      ...(status === 'rejected' && { error: { code: 'sold_out', message: `Number ${number} is sold out.` } }),
      ...(number % 2 === 1 && { events: idsOf(commandId, '', 2).map((id) => ({ id, position: undefined })) }),
    })
  })
}

/** What is left of a record after `redact`. */
export function redacted(record: CommandRecord): CommandRecord {
  const { error, permission } = record
  return {
    ...record,
    payload: undefined,
    metadata: {},
    error: error && { code: error.code, message: '' },
    permission: permission && { asked: permission.asked, allowed: permission.allowed },
    redacted: ['*'],
    truncated: [],
  }
}

/** Filters of one field each; every one finds some of these records and leaves others out. */
export const singleFilters: readonly CommandFilter[] = [
  { tenant: 'left' },
  { tenant: '' },
  { statuses: ['denied'] },
  { statuses: ['failed', 'timed_out', 'started'] },
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
export function plainList(records: readonly CommandRecord[], filter: CommandFilter): readonly CommandRecord[] {
  const { tenant: asked, statuses, commandType, correlationId, sender, from = 0, to = Number.MAX_SAFE_INTEGER } = filter
  const found = records.filter((record) => {
    const sent = JSON.parse(record.context) as { identity?: string; account?: string; correlationId?: string }
    if (asked !== undefined && record.tenant !== asked) return false
    if (statuses !== undefined && !statuses.includes(record.status)) return false
    if (commandType !== undefined && record.commandType !== commandType) return false
    if (correlationId !== undefined && ![sent.correlationId, record.commandId].includes(correlationId)) return false
    if (sender !== undefined && (sent.identity ?? sent.account) !== sender) return false
    return record.recordedAt >= from && record.recordedAt < to
  })
  return filter.order === 'oldest' ? found : found.toReversed()
}

/** The whole list, read by cursor. */
export async function everyRecord(
  log: Pick<CommandLog, 'list'>,
  filter: CommandFilter = {},
  page: PageRequest = {},
): Promise<readonly CommandRecord[]> {
  const records: CommandRecord[] = []
  let cursor: string | undefined
  do {
    const { items, cursor: next }: Page<CommandRecord> = await log.list(filter, { ...page, cursor })
    assert.ok(items.length > 0 || next === undefined, 'Only the last page may be empty.')
    assert.ok(items.length <= (page.limit ?? 100), 'No page holds more than was asked for.')
    records.push(...items)
    cursor = next
  } while (cursor !== undefined)
  return records
}

/** Insists that lists and counts are those of all records, filtered in plain JavaScript. Returns how many match. */
export async function checkLists(
  log: CommandLog,
  records: readonly CommandRecord[],
  filter: CommandFilter,
  limit = 5,
): Promise<number> {
  for (const order of ['oldest', 'newest', undefined] as const) {
    const asked = { ...filter, order }
    const expected = plainList(records, asked)
    assert.deepEqual(await everyRecord(log, asked, { limit }), expected)
    const page = await log.list(asked, { limit, offset: limit, withTotal: true })
    assert.deepEqual([page.items, page.total], [expected.slice(limit, limit * 2), expected.length])
  }
  const count = plainList(records, filter).length
  assert.equal(await log.total(filter), count)
  return count
}
