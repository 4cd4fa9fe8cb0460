// The layer in memory: values as they are given out, frozen, bounded in entries and bytes; what was not asked for the longest goes first.
import { LRUCache } from 'lru-cache'
import type { Cell, Dependencies, Dependent } from './dependencies.ts'

export interface CachedEntry extends Dependent {
  /** `undefined`: there is none. */
  readonly value: unknown
  readonly cells: readonly Cell[]
  /** Microseconds of the monotonic clock: the end of its time, and of its times as a stale one. */
  readonly freshUntilUs: number
  readonly whileLoadingUntilUs: number
  readonly onErrorUntilUs: number
  /** Characters of its text. */
  readonly size: number
}
export interface MemoryLayer {
  get(id: string): CachedEntry | undefined
  /** Takes the entry's cells over. */
  set(id: string, entry: CachedEntry): void
  delete(id: string): boolean
  clear(): void
  readonly entries: number
  readonly bytes: number
}

/** What an entry costs beside its text, about. */
const entryBytes = 200

/** `onEvicted` is called for what had to make room. */
export function createMemoryLayer(
  { entriesMax, bytesMax }: { readonly entriesMax: number; readonly bytesMax: number },
  dependencies: Dependencies,
  onEvicted: () => void,
): MemoryLayer {
  const entries = new LRUCache<string, CachedEntry>({
    max: entriesMax,
    maxSize: bytesMax,
    sizeCalculation: ({ size }, id) => (size + id.length) * 2 + entryBytes,
    dispose: ({ cells }, _id, reason) => {
      dependencies.release(cells)
      if (reason === 'evict') onEvicted()
    },
  })
  return {
    get: (id) => entries.get(id),
    set: (id, entry) => {
      entries.set(id, entry)
      // One that is larger than the whole cache is not taken, and nobody is told of it.
      if (entries.peek(id) !== entry) dependencies.release(entry.cells)
    },
    delete: (id) => entries.delete(id),
    clear: () => entries.clear(),
    get entries() {
      return entries.size
    },
    get bytes() {
      return entries.calculatedSize
    },
  }
}
