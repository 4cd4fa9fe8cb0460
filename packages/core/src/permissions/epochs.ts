// The epochs that this process knows: how often permissions have changed, for each tenant, account and session that somebody asks about.
import { epochStream } from '../contracts/permissions-changed.ts'
import type { EventStore, TenantStream } from '../stores/event/event-store.ts'
import type { Alarms } from '../time/alarms.ts'
import { createEpochReads } from './epoch-reads.ts'

/** One epoch; everybody who asks about it shares the object, so that whether something is still true is a comparison of numbers. */
export interface EpochCell {
  readonly stream: TenantStream
  /** The newest version that this process knows; -1 while it knows none. */
  readonly version: number
  /** Of its last event, or behind it in the same commit: a view that has it has what moved the epoch. */
  readonly position: number
  /** When the last read of it began, in microseconds of the monotonic clock. */
  readonly readAtUs: number
}
export interface Epochs extends Disposable {
  /** Whether nobody else moves epochs, so that what is known here is how it is. */
  readonly isExact: boolean
  /** The cells of streams, kept up to date until they are released. */
  acquire(streams: readonly TenantStream[]): readonly EpochCell[]
  release(cells: readonly EpochCell[]): void
  /** Waits until cells are known and as new as the store is now. At once where they are. Errors: `store_*`, `deadline_exceeded`. */
  refresh(cells: readonly EpochCell[]): Promise<void> | undefined
  /** The store said that a stream has another version than was known, or nobody knows what it says: what is older is read anew. */
  outdated(stream?: Omit<TenantStream, 'aggregateType'>, actual?: number): void
  /** Cells in memory. */
  readonly size: number
}

interface Cell extends EpochCell {
  version: number
  position: number
  readAtUs: number
  users: number
  /** The number of the last doubt about it: what was read before that says nothing. */
  doubtedAt: number
}

/** `isShared`: other processes may move epochs, or this one cannot see its own. */
export function createEpochs(store: EventStore, alarms: Alarms, isShared: boolean): Epochs {
  const cells = new Map<string, Cell>()
  const raise = (cell: Cell, version: number, position: number): void => {
    if (version <= cell.version) return
    cell.version = version
    cell.position = position
  }
  let doubts = 0
  const reads = createEpochReads<Cell>(store, alarms, () => {
    const begunUs = alarms.clock.monotonicUs()
    const begunAt = doubts
    return (cell, { version, position }) => {
      if (cell.doubtedAt > begunAt) return
      raise(cell, version, position)
      cell.readAtUs = begunUs
    }
  })
  /** Once more for what came into doubt while it was read. */
  const readUntilKnown = async (asked: readonly Cell[]): Promise<void> => {
    do await reads.read(asked)
    while (asked.some(({ version }) => version < 0))
  }
  const subscription = store.onAppend((stored) => {
    for (const { commit, receipt } of stored)
      for (let at = 0; at < commit.streams.length; at++) {
        const stream = commit.streams[at]
        if (stream?.aggregateType !== epochStream) continue
        const cell = cells.get(keyOf(commit.tenant, stream.aggregateId))
        const first = receipt.firstVersions[at] ?? 0
        if (cell !== undefined) raise(cell, first + stream.events.length - 1, receipt.position)
      }
  })
  return {
    isExact: !isShared,
    acquire: (streams) =>
      streams.map((stream) => {
        const key = keyOf(stream.tenant, stream.aggregateId)
        let cell = cells.get(key)
        if (cell === undefined) cells.set(key, (cell = { ...unknown, stream }))
        cell.users++
        return cell
      }),
    release: (released) => {
      for (const cell of released as readonly Cell[]) {
        cell.users--
        if (cell.users > 0) continue
        cells.delete(keyOf(cell.stream.tenant, cell.stream.aggregateId))
        // Nobody tells it any more what happens.
        cell.version = -1
      }
    },
    refresh: (asked) => {
      if (!isShared && asked.every(({ version }) => version >= 0)) return undefined
      return readUntilKnown(asked as readonly Cell[])
    },
    outdated: (stream, actual = Number.POSITIVE_INFINITY) => {
      const known = stream === undefined ? cells.values() : [cells.get(keyOf(stream.tenant, stream.aggregateId))]
      doubts++
      for (const cell of known) {
        if (cell === undefined || cell.version >= actual) continue
        cell.version = -1
        cell.doubtedAt = doubts
      }
    },
    get size() {
      return cells.size
    },
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  }
}

const unknown = { version: -1, position: 0, readAtUs: Number.NEGATIVE_INFINITY, users: 0, doubtedAt: 0 }

function keyOf(tenant: string, aggregateId: string): string {
  return `${tenant.length}:${tenant}${aggregateId}`
}
