// Reads of epochs where other processes move them too: one at a time for everybody who waits, begun after they asked.
import type { EventStore, TenantStream } from '../stores/event/event-store.ts'
import { deadline } from '../time/deadline.ts'
import type { Alarms } from '../time/alarms.ts'

/** A stream as a read found it: 0 for one that does not exist. */
export interface EpochFound {
  readonly version: number
  /** Of its last event. */
  readonly position: number
}
export interface EpochReads<Cell extends { readonly stream: TenantStream }> {
  /** Resolves when all of them were read, in a read that began after this call. Errors: `store_*`, `deadline_exceeded`. */
  read(cells: readonly Cell[]): Promise<void>
}

/** Milliseconds that one read may take, so that a store which never answers keeps nobody waiting for ever. */
const readTimeoutMs = 5_000
const streamsMax = 1_000

interface Batch<Cell> {
  readonly cells: Set<Cell>
  readonly done: PromiseWithResolvers<void>
}

/** `begin` is called when a read begins; what it returns is told what that read found. */
export function createEpochReads<Cell extends { readonly stream: TenantStream }>(
  store: EventStore,
  alarms: Alarms,
  begin: () => (cell: Cell, as: EpochFound) => void,
): EpochReads<Cell> {
  let next: Batch<Cell> | undefined
  let isReading = false

  const readPart = async (cells: readonly Cell[], found: ReturnType<typeof begin>): Promise<void> => {
    const tails = await store.readTails({ streams: cells.map(({ stream }) => stream), limit: 1 })
    for (const [at, cell] of cells.entries()) {
      const last = tails[at]?.[0]
      found(cell, { version: last?.version ?? 0, position: last?.position ?? 0 })
    }
  }
  const readBatch = async (cells: readonly Cell[]): Promise<void> => {
    const found = begin()
    const parts: Promise<void>[] = []
    for (let from = 0; from < cells.length; from += streamsMax)
      parts.push(readPart(cells.slice(from, from + streamsMax), found))
    await Promise.all(parts)
  }
  const work = async (): Promise<void> => {
    for (let batch = next; batch !== undefined; batch = next) {
      next = undefined
      const limit = deadline(alarms, readTimeoutMs, undefined)
      try {
        await limit.race('epochs were being read', readBatch([...batch.cells]))
        batch.done.resolve()
      } catch (cause) {
        batch.done.reject(cause)
      } finally {
        limit.release()
      }
    }
    isReading = false
  }
  return {
    read: (cells) => {
      const batch = next ?? { cells: new Set<Cell>(), done: Promise.withResolvers<void>() }
      for (const cell of cells) batch.cells.add(cell)
      if (next === undefined) {
        next = batch
        // Whoever waits for it may have gone when it fails.
        batch.done.promise.catch(() => undefined)
      }
      if (!isReading) {
        isReading = true
        // The requests of this turn share it.
        void Promise.resolve().then(work)
      }
      return batch.done.promise
    },
  }
}
