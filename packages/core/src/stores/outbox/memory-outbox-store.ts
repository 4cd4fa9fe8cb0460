// The outbox store in memory: the messages of the log in memory, and what is held of them.
import type { MemoryEventStore } from '../event/memory-event-store.ts'
import { pageOf } from '../page.ts'
import {
  askHeld,
  checkCommitNo,
  checkHeldFilter,
  checkMessageLimit,
  checkPlaces,
  checkResend,
  checkSettlement,
  checkTimeUs,
  outboxPageBytesMax,
} from './check-outbox.ts'
import type { MemoryOutgoing, OutgoingRow } from './memory-outgoing.ts'
import type {
  HeldFacts,
  HeldFilter,
  HeldMessage,
  MessagePlace,
  OutboxMessage,
  OutboxStore,
  Settlement,
} from './outbox-store.ts'

/** The outbox of an event store; it lives and closes with it. */
export function createMemoryOutboxStore(events: Pick<MemoryEventStore, 'outgoing'>): OutboxStore {
  const outgoing = (): MemoryOutgoing => events.outgoing()
  const rowsAt = (places: readonly MessagePlace[]): readonly OutgoingRow[] => {
    const { rows } = outgoing()
    return places.flatMap((place) => {
      const row = rows[firstFrom(rows, place)]
      return row !== undefined && comparePlaces(row.message, place) === 0 ? [row] : []
    })
  }
  const heldOnes = (filter: HeldFilter = {}): readonly HeldMessage[] => {
    checkHeldFilter(filter)
    return [...outgoing().held]
      .map(([{ message }, facts]) => ({ ...message, ...facts }))
      .filter(matches(filter))
      .toSorted(comparePlaces)
  }
  /** The first waiting message of every tenant and key: none of the others may go before it. */
  const firstWaiting = (): readonly HeldMessage[] => {
    const first = new Map<string, HeldMessage>()
    for (const message of heldOnes({ state: 'waiting' })) {
      const name = keyOf(message)
      if (!first.has(name)) first.set(name, message)
    }
    return [...first.values()]
  }
  const waitAgain = (rows: readonly OutgoingRow[], nowUs: number): number => {
    for (const row of rows) outgoing().held.set(row, { state: 'waiting', attempts: 0, dueAt: nowUs })
    return rows.length
  }
  const deadAt = (places: readonly MessagePlace[]): readonly OutgoingRow[] => {
    checkPlaces(places)
    return [...new Set(rowsAt(places))].filter((row) => outgoing().held.get(row)?.state === 'dead')
  }
  const settle = ({ fencingToken, from, to, sent, held }: Settlement): boolean => {
    const kept = outgoing()
    if (fencingToken < kept.fencingToken || from !== kept.cursor) return false
    kept.fencingToken = fencingToken
    kept.cursor = to
    for (const row of rowsAt(sent)) kept.held.delete(row)
    for (const facts of held) for (const row of rowsAt([facts])) kept.held.set(row, heldFacts(facts))
    return true
  }
  const isSent = (row: OutgoingRow): boolean => {
    const { cursor, held } = outgoing()
    return row.message.commitNo <= cursor && !held.has(row)
  }

  return {
    cursor: async () => outgoing().cursor,
    after: async (commitNo, limit) => {
      checkCommitNo(commitNo)
      checkMessageLimit(limit)
      return wholeCommits(outgoing().rows, commitNo, limit)
    },
    due: async (nowUs, limit) => {
      checkTimeUs(nowUs)
      checkMessageLimit(limit)
      return firstWaiting()
        .filter(({ dueAt }) => dueAt <= nowUs)
        .slice(0, limit)
    },
    nextDue: async () => {
      const times = firstWaiting().map(({ dueAt }) => dueAt)
      return times.length === 0 ? undefined : Math.min(...times)
    },
    waitingKeys: async (keys) => {
      const waiting = new Set(firstWaiting().map(keyOf))
      return new Set([...keys.keys()].filter((at) => waiting.has(keyOf(keys[at] as (typeof keys)[number]))))
    },
    settle: async (settlement) => {
      checkSettlement(settlement)
      return settle(settlement)
    },
    list: async (filter, page) => {
      const asked = askHeld(filter, page)
      const found = heldOnes(filter)
      const [commitNo, index] = asked.after ?? [0, -1]
      const rest = found.filter((message) => comparePlaces(message, { commitNo, index }) > 0).slice(asked.offset)
      return pageOf(asked, rest, (each) => [each.commitNo, each.index], asked.withTotal ? found.length : undefined)
    },
    total: async (filter) => heldOnes(filter).length,
    requeue: async (which, nowUs) => {
      checkTimeUs(nowUs)
      return waitAgain(deadAt('length' in which ? which : heldOnes(which)), nowUs)
    },
    discard: async (places) => {
      const dead = new Set(deadAt(places))
      for (const row of dead) outgoing().held.delete(row)
      outgoing().rows = outgoing().rows.filter((row) => !dead.has(row))
      return dead.size
    },
    resend: async (range, nowUs) => {
      checkResend(range)
      checkTimeUs(nowUs)
      const { fromPosition, toPosition } = range
      const inRange = outgoing().rows.filter(({ position }) => position >= fromPosition && position <= toPosition)
      return waitAgain(inRange.filter(isSent), nowUs)
    },
    prune: async (recordedBeforeUs, limit) => {
      checkTimeUs(recordedBeforeUs)
      checkMessageLimit(limit)
      const old = outgoing().rows.filter((row) => row.message.recordedAt < recordedBeforeUs && isSent(row))
      const gone = new Set(old.slice(0, limit))
      outgoing().rows = outgoing().rows.filter((row) => !gone.has(row))
      return gone.size
    },
    info: async () => {
      const { rows, held, cursor } = outgoing()
      const waiting = heldOnes({ state: 'waiting' }).length
      const pending = rows.length - firstFrom(rows, { commitNo: cursor + 1, index: 0 })
      const details = { cursor, waiting, dead: held.size - waiting, pending }
      return { store: 'outbox', backend: 'memory', readOnly: false, items: held.size, details }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** Messages of whole commits: until the limit or the bytes of a page are reached, and to the end of that commit. */
function wholeCommits(rows: readonly OutgoingRow[], after: number, limit: number): readonly OutboxMessage[] {
  const page: OutboxMessage[] = []
  let bytes = 0
  for (let at = firstFrom(rows, { commitNo: after + 1, index: 0 }); at < rows.length; at += 1) {
    const { message } = rows[at] as OutgoingRow
    const isFull = page.length >= limit || bytes >= outboxPageBytesMax
    if (isFull && message.commitNo !== page.at(-1)?.commitNo) break
    page.push(message)
    bytes += Buffer.byteLength(message.data)
  }
  return page
}

/** Where the first row lies that is not before a place. */
function firstFrom(rows: readonly OutgoingRow[], place: MessagePlace): number {
  let low = 0
  for (let high = rows.length; low < high;) {
    const middle = (low + high) >>> 1
    if (comparePlaces((rows[middle] as OutgoingRow).message, place) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function comparePlaces(one: MessagePlace, other: MessagePlace): number {
  return one.commitNo - other.commitNo || one.index - other.index
}

function keyOf({ tenant, key }: { readonly tenant: string; readonly key: string }): string {
  return `${tenant}\0${key}`
}

function heldFacts({ state, attempts, dueAt, lastError, lastAttemptAt }: HeldFacts): HeldFacts {
  return {
    state,
    attempts,
    dueAt,
    ...(lastError !== undefined && { lastError }),
    ...(lastAttemptAt !== undefined && { lastAttemptAt }),
  }
}

function matches({ state, tenant, type, key }: HeldFilter): (message: HeldMessage) => boolean {
  return (message) =>
    (state === undefined || message.state === state) &&
    (tenant === undefined || message.tenant === tenant) &&
    (type === undefined || message.type === type) &&
    (key === undefined || message.key === key)
}
