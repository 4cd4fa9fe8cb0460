// How far the pending jobs of a queue were looked through: those that were passed need not be looked at again, but for those of keys that
// had no room and have some by then. Numbers only grow, so nothing becomes pending behind a mark. Kept by the writer thread alone.
import type { JobRow, QueueWish } from '@gesta/core/ports'

interface PassedKey {
  readonly tenant: string
  readonly key: string
}
/** Of one priority: up to the number `upTo` all pending jobs of the types have one of `keys`, which are by name. */
interface Passed {
  upTo: number
  readonly keys: Map<string, PassedKey>
}
export interface PassedJobs {
  /** By priority. */
  of(wish: Pick<QueueWish, 'queue' | 'types'>): readonly Passed[]
  /** What was read and not begun was not passed. */
  leave(wish: Pick<QueueWish, 'queue' | 'types'>, row: Pick<JobRow, 'priority' | 'no'>): void
  forget(): void
}

const priorities = 10

export function createPassedJobs(): PassedJobs {
  const known = new Map<string, { readonly types: string; readonly passed: readonly Passed[] }>()
  const of: PassedJobs['of'] = ({ queue, types: wanted }) => {
    const types = JSON.stringify(wanted)
    const found = known.get(queue)
    // Jobs of other types were passed as well.
    if (found?.types === types) return found.passed
    const passed = Array.from({ length: priorities }, () => ({ upTo: 0, keys: new Map<string, PassedKey>() }))
    known.set(queue, { types, passed })
    return passed
  }
  return {
    of,
    leave: (wish, { priority, no }) => {
      const passed = of(wish)[priority]
      if (passed !== undefined) passed.upTo = Math.min(passed.upTo, no - 1)
    },
    forget: () => known.clear(),
  }
}
