// What the cases of this suite are written with: an outbox, the event store whose commits fill it, and what is to be found in it.
import assert from 'node:assert/strict'
import type { OutgoingMessage } from '../../stores/commit.ts'
import type { EventStore } from '../../stores/event/event-store.ts'
import type {
  HeldFacts,
  HeldMessage,
  MessagePlace,
  OutboxMessage,
  OutboxStore,
  Settlement,
} from '../../stores/outbox/outbox-store.ts'
import { commit, stored } from '../event-store/given.ts'
import type { CommitFields } from '../event-store/given.ts'
import type { Case } from '../suite.ts'

/**
 * `durable`: what was acknowledged is found again when the store is opened again. `rewriting`: the log can be emptied.
 * `shared`: the same place can be opened several times at once, by one process or by many.
 */
export type OutboxStoreCapability = 'durable' | 'rewriting' | 'shared'
export interface OutboxStores {
  readonly outbox: OutboxStore
  /** The event store of the same backend: what fills the outbox. */
  readonly events: EventStore
}
export interface GivenOutboxStore extends OutboxStores {
  /** Closes the backend and opens it again. */
  reopen(): Promise<OutboxStores>
  /** Opens the same place once more, as another process would; for stores that allow it. */
  another(): Promise<OutboxStores>
}
export type OutboxStoreCase = Case<GivenOutboxStore, OutboxStoreCapability>

/** Microseconds: a time at which everything of this suite was recorded long ago. */
export const nowUs = 1_800_000_000_000_000

/** A message; of the key `a` unless it says otherwise. */
export function message(fields: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return { key: 'a', type: 'Order.Sent', schemaVersion: 1, data: '{}', ...fields }
}
/** Messages of one key, one for each text. */
export function messagesOf(key: string, data: readonly string[]): readonly OutgoingMessage[] {
  return data.map((text) => message({ key, data: text }))
}

/** As many as a case has given; typed so that the first ones can be named. */
type Sent = readonly [OutboxMessage, OutboxMessage, OutboxMessage, OutboxMessage, ...OutboxMessage[]]

/** Stores a commit with these messages; they, as they are to be found. */
export async function sends(
  events: EventStore,
  messages: readonly OutgoingMessage[],
  fields: CommitFields = {},
): Promise<Sent> {
  const given = commit({ ...fields, messages })
  const { commitNo } = await stored(events, given)
  const { tenant, commandId, context, recordedAt } = given
  const sent: unknown = messages.map((each, index) => {
    return { commitNo, index, tenant, commandId, ...each, context, recordedAt }
  })
  return sent as Sent
}
/** Stores a commit for each list of messages; all of them. */
export async function sendsEach(events: EventStore, lists: readonly (readonly OutgoingMessage[])[]): Promise<Sent> {
  const all: OutboxMessage[] = []
  for (const messages of lists) all.push(...(await sends(events, messages)))
  return all as unknown as Sent
}

/** All messages after a commit, page after page; each page is whole commits, and no larger than it has to be. */
export async function everyMessage(outbox: OutboxStore, after = 0, limit = 100): Promise<readonly OutboxMessage[]> {
  const all: OutboxMessage[] = []
  for (let last = after; ;) {
    const page = await outbox.after(last, limit)
    const end = page.at(-1)
    if (end === undefined) return all
    const before = page.filter(({ commitNo }) => commitNo < end.commitNo)
    assert.ok(before.length < limit, `Expected a page to end with the commit that reaches ${limit} messages.`)
    assert.ok(page.every(({ commitNo }) => commitNo > last))
    all.push(...page)
    last = end.commitNo
  }
}

export function place({ commitNo, index }: MessagePlace): MessagePlace {
  return { commitNo, index }
}
export function waiting(of: MessagePlace, dueAt: number, facts: Partial<HeldFacts> = {}): MessagePlace & HeldFacts {
  return { ...place(of), state: 'waiting', attempts: 1, dueAt, ...facts }
}
export function dead(of: MessagePlace, facts: Partial<HeldFacts> = {}): MessagePlace & HeldFacts {
  return { ...place(of), state: 'dead', attempts: 10, dueAt: nowUs, ...facts }
}
/** A message as it is held with these facts. */
export function heldAs(of: OutboxMessage, facts: HeldFacts): HeldMessage {
  return { ...of, ...facts }
}

/** Settles under the token 1, from where the cursor is and for as far as it is, unless told otherwise; insists that it was kept. */
export async function settled(outbox: OutboxStore, fields: Partial<Settlement>): Promise<void> {
  const from = fields.from ?? (await outbox.cursor())
  const settlement = { fencingToken: 1, from, to: from, sent: [], held: [], ...fields }
  assert.equal(await outbox.settle(settlement), true, 'Expected the settlement to be kept.')
}

/** Facts that are absent and facts that are `undefined` are the same. */
export function plain(messages: readonly HeldMessage[]): readonly unknown[] {
  return messages.map((each) => Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined)))
}
/** Insists that these messages are held, with these facts, in this order. */
export async function holds(outbox: OutboxStore, expected: readonly HeldMessage[]): Promise<void> {
  assert.deepEqual(plain((await outbox.list({})).items), plain(expected))
  assert.equal(await outbox.total(), expected.length)
}
export function datas(messages: readonly { readonly data: string }[]): readonly string[] {
  return messages.map(({ data }) => data)
}
