// The seen store in memory: per subscription the last ids, in the order of their marks.
import { checkOptions } from '../../schema/options.ts'
import { checkWhole } from '../check-text.ts'
import { storeClosed } from '../event/commit-queue.ts'
import { checkSeen, checkSubscription } from './check-seen.ts'
import { seenIdsMaxDefault } from './seen-store.ts'
import type { SeenStore } from './seen-store.ts'

export interface MemorySeenOptions {
  /** Ids that are kept for each subscription, from 1; default 10,000. */
  readonly idsMax?: number | undefined
}

/** A seen store that lives as long as its process. Reference: docs/reference/delivery.md. */
export function createMemorySeenStore(options: MemorySeenOptions = {}): SeenStore {
  checkOptions(options, ['idsMax'], 'createMemorySeenStore()')
  const { idsMax = seenIdsMaxDefault } = options
  checkWhole(idsMax, 'option idsMax', 1)
  /** A set keeps the order in which its members came. */
  const marked = new Map<string, Set<string>>()
  let closed = false
  const open = (): void => {
    if (closed) throw storeClosed()
  }
  const total = (): number => [...marked.values()].reduce((sum, { size }) => sum + size, 0)
  return {
    seen: async (subscription, ids) => {
      open()
      checkSeen(subscription, ids)
      const known = marked.get(subscription)
      return new Set(ids.filter((id) => known?.has(id)))
    },
    mark: async (subscription, ids) => {
      open()
      checkSeen(subscription, ids)
      const known = marked.get(subscription) ?? new Set()
      marked.set(subscription, known)
      for (const id of ids) {
        known.delete(id)
        known.add(id)
      }
      for (const oldest of known) {
        if (known.size <= idsMax) break
        known.delete(oldest)
      }
    },
    total: async (subscription) => {
      open()
      if (subscription === undefined) return total()
      checkSubscription(subscription)
      return marked.get(subscription)?.size ?? 0
    },
    reset: async (subscription) => {
      open()
      if (subscription === undefined) return marked.clear()
      checkSubscription(subscription)
      marked.delete(subscription)
    },
    info: async () => {
      open()
      return { store: 'seen', backend: 'memory', readOnly: false, items: total(), details: { idsMax } }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      marked.clear()
    },
  }
}
