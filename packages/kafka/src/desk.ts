// Where batches of a partition are given out and taken back: acknowledged, failed, left behind, or given up as dead letters.
import { backoffMs, isGestaError, onAbort, redactError } from '@gesta/core/ports'
import type { BackendRuntime, EnvelopeDraft, EventBatch } from '@gesta/core/ports'
import type { Settings } from './options.ts'
import type { Delivery, Partition } from './partition.ts'
import type { Pauses } from './pauses.ts'

/** Stores a dead letter, or rejects. */
export type Bury = (delivery: Delivery) => Promise<void>

export interface Desk {
  /** A batch of a partition that has none out and does not rest; it is out until it is settled, or until one of the signals aborts. */
  give(partition: Partition, signals: readonly AbortSignal[]): EventBatch | undefined
}
export interface DeskParts {
  readonly settings: Settings
  readonly runtime: Pick<BackendRuntime, 'ids'>
  readonly pauses: Pauses
  /** Keeps how far the partition is settled. */
  readonly commit: (partition: Partition) => Promise<void>
  readonly bury: Bury
  /** Says that a partition may have something to give. */
  readonly wake: () => void
}

export function createDesk({ settings, runtime, pauses, commit, bury, wake }: DeskParts): Desk {
  const { deliveriesMax, redelivery } = settings
  /** Those that have a batch out, rest, or wait for a dead letter to be stored. */
  const busy = new WeakSet<Partition>()

  const free = (partition: Partition): void => {
    busy.delete(partition)
    wake()
  }
  const rest = (partition: Partition, attempt: number): void =>
    pauses.after(backoffMs(redelivery, attempt, runtime.ids.random), () => free(partition))

  const giveUp = async (partition: Partition, doomed: Delivery): Promise<void> => {
    try {
      await bury(doomed)
    } catch {
      partition.putBack([doomed])
      return rest(partition, 1)
    }
    partition.settle([doomed])
    free(partition)
    // A later commit covers it when this one fails; at worst it is buried again.
    await commit(partition).catch(() => undefined)
  }
  const fail = (partition: Partition, taken: readonly Delivery[], cause: unknown): void => {
    // Whoever could not be reached has not refused the event.
    const isRefused = !isGestaError(cause, 'broker_unavailable') && !isGestaError(cause, 'store_unavailable')
    if (isRefused) for (const delivery of taken) count(delivery, taken.length === 1, cause)
    partition.putBack(taken)
    rest(partition, Math.max(1, taken[0]?.attempts ?? 1))
  }
  /** An event that failed among others may be innocent: it is not given up before it has failed alone. */
  const count = (delivery: Delivery, wasAlone: boolean, cause: unknown): void => {
    delivery.isAlone = true
    delivery.attempts = Math.min(delivery.attempts + 1, wasAlone ? deliveriesMax : deliveriesMax - 1)
    if (delivery.attempts >= deliveriesMax) delivery.doom = redactError(cause)
  }

  return {
    give: (partition, signals) => {
      if (busy.has(partition)) return undefined
      const doomed = partition.takeDoomed()
      const taken = doomed === undefined ? partition.take() : []
      if (doomed === undefined && taken.length === 0) return undefined
      busy.add(partition)
      if (doomed !== undefined) {
        void giveUp(partition, doomed)
        return undefined
      }
      let isOut = true
      const end = (): void => {
        isOut = false
        for (const place of places) place.leave()
      }
      const leave = (): void => {
        if (!isOut) return
        end()
        partition.putBack(taken)
        free(partition)
      }
      const places = signals.map((signal) => onAbort(signal, leave))
      return {
        events: taken.flatMap(({ event }): readonly EnvelopeDraft[] => (event === undefined ? [] : [event])),
        ack: async () => {
          if (!isOut) return
          partition.settle(taken)
          // When it cannot be kept the batch stays out, and comes again when its receiver is gone.
          await commit(partition)
          if (!isOut) return
          end()
          free(partition)
        },
        nack: async (cause) => {
          if (!isOut) return
          end()
          fail(partition, taken, cause)
        },
      }
    },
  }
}
