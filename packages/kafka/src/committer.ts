// Keeps how far partitions are settled: one commit at a time, what is settled meanwhile goes with the next one. Repeats until it is kept,
// until the partition is another member's, or until time is up.
import type { Clock } from '@gesta/core/ports'
import { inTime } from './clients.ts'
import { kafkaError, NoAnswer } from './kafka-errors.ts'
import type { Membership } from './membership.ts'
import type { Settings } from './options.ts'
import type { Partition } from './partition.ts'

export interface Committer {
  /**
   * Resolves when it is kept that the partition is settled as far as it is now, or when it is not ours any more.
   * Errors: `broker_unavailable` after `timeoutMs`.
   */
  commit(partition: Partition): Promise<void>
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>
}

const retryMs = 100

export function createCommitter(
  { commit, reconnect }: Pick<Membership, 'commit' | 'reconnect'>,
  isOurs: (partition: Partition) => boolean,
  { timeoutMs, brokers }: Settings,
  clock: Clock,
): Committer {
  let pending = new Set<Partition>()
  let current: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined

  const attempt = async (partitions: ReadonlySet<Partition>, leftMs: number): Promise<void> => {
    const offsets = new Map<number, bigint>()
    for (const partition of partitions) if (isOurs(partition)) offsets.set(partition.number, partition.settledTo)
    if (offsets.size > 0) await inTime(clock, leftMs, commit(offsets))
  }
  const flush = async (): Promise<void> => {
    const partitions = pending
    pending = new Set()
    next = undefined
    const untilUs = clock.monotonicUs() + timeoutMs * 1000
    for (;;) {
      const leftMs = Math.ceil((untilUs - clock.monotonicUs()) / 1000)
      try {
        await attempt(partitions, Math.max(1, leftMs))
        return
      } catch (error) {
        // A connection that says nothing would say nothing to the next one either.
        if (error instanceof NoAnswer) reconnect()
        if (leftMs <= retryMs || error instanceof NoAnswer) throw kafkaError(error, brokers)
        const { promise, resolve } = Promise.withResolvers<void>()
        clock.after(retryMs, resolve)
        await promise
      }
    }
  }
  return {
    commit: async (partition) => {
      pending.add(partition)
      next ??= current = current.catch(() => undefined).then(flush)
      await next
    },
    idle: () => current.catch(() => undefined),
  }
}
