// A group on a topic, as far as this process is in it: one member of the group, however many receivers it has here. They share the
// member's partitions, each of which has one batch out at a time; so what is in one partition is received in order.
import { unlessAborted } from '@gesta/core/ports'
import type { BackendRuntime, EventBatch, GestaError, Subscription } from '@gesta/core/ports'
import { goodbyeMs, inTime } from './clients.ts'
import { createCommitter } from './committer.ts'
import { createDesk } from './desk.ts'
import type { Bury } from './desk.ts'
import { createFetcher } from './fetcher.ts'
import { kafkaError } from './kafka-errors.ts'
import { joinGroup } from './membership.ts'
import type { Round } from './membership.ts'
import { deliveriesOf } from './deliveries.ts'
import { createPartition } from './partition.ts'
import type { Partition } from './partition.ts'
import { createPauses } from './pauses.ts'
import type { Settings } from './options.ts'

export interface GroupPlace {
  /** Names in Kafka. */
  readonly topic: string
  readonly groupId: string
  /** Our name of the group. */
  readonly group: string
}
export interface Group extends AsyncDisposable {
  /** One receiver more. When the last one leaves, the member leaves the group, and this group ends. */
  subscribe(): Subscription
  readonly isEnding: boolean
}

const retryMs = 500

export function openGroup(place: GroupPlace, settings: Settings, runtime: BackendRuntime, bury: Bury): Group {
  const { clock } = runtime
  const partitions = new Map<number, Partition>()
  const receivers = new Set<AbortController>()
  const pauses = createPauses(clock)
  let change = Promise.withResolvers<void>()
  let round: Round | undefined
  let ending: Promise<void> | undefined
  /** Why nothing will come until somebody does something: told to who receives. */
  let refusal: GestaError | undefined

  const wake = (): void => {
    const { resolve } = change
    change = Promise.withResolvers<void>()
    resolve()
  }
  const isOurs = (partition: Partition): boolean => partitions.get(partition.number) === partition
  /** Where a partition goes on: behind what the group has settled, or with the first message that is there. */
  const begin = async (added: readonly number[], within: Round): Promise<void> => {
    try {
      const committed = await membership.committed(added)
      for (const number of added) {
        const start = committed.get(number) ?? (await fetcher.first(number))
        // What an attempt before this one began may have a batch out.
        if (round === within && !partitions.has(number)) partitions.set(number, createPartition(number, start))
      }
      fetcher.wake()
    } catch {
      pauses.after(retryMs, () => {
        if (round === within) void begin(added, within)
      })
    }
  }
  const onRound = (next: Round): void => {
    round = next
    refusal = undefined
    for (const number of partitions.keys())
      if (!next.continues || !next.partitions.includes(number)) partitions.delete(number)
    const added = next.partitions.filter((number) => !partitions.has(number))
    if (added.length > 0) void begin(added, next)
  }

  const onForbidden = (error: unknown): void => {
    refusal = kafkaError(error, settings.brokers)
    wake()
  }
  const membership = joinGroup(place.topic, place.groupId, settings, runtime, onRound, onForbidden)
  const fetcher = createFetcher<Partition>(place.topic, place.groupId, settings, runtime, {
    parts: () => partitions.values(),
    read: (partition, { messages, next }) => {
      if (!isOurs(partition)) return
      partition.add(deliveriesOf(messages, place.group), next)
      wake()
    },
    gone: (partition, first) => {
      if (isOurs(partition)) partitions.set(partition.number, createPartition(partition.number, first))
    },
  })
  const committer = createCommitter(membership, isOurs, settings, clock)
  const desk = createDesk({ settings, runtime, pauses, commit: committer.commit, bury, wake })

  /** A batch of the partition whose turn it is; the turn then goes to the others. */
  const next = (...signals: readonly AbortSignal[]): EventBatch | undefined => {
    for (const partition of partitions.values()) {
      const batch = desk.give(partition, signals)
      if (batch === undefined) continue
      partitions.delete(partition.number)
      partitions.set(partition.number, partition)
      fetcher.wake()
      return batch
    }
    return undefined
  }
  /** `undefined` when the receiver has left. */
  const receive = async (signal: AbortSignal, left: AbortSignal): Promise<EventBatch | undefined> => {
    while (!left.aborted) {
      signal.throwIfAborted()
      const changed = change.promise
      const batch = next(signal, left)
      if (batch !== undefined) return batch
      if (refusal !== undefined) throw refusal
      await unlessAborted(
        signal,
        unlessAborted(left, changed).catch(() => undefined),
      )
    }
    return undefined
  }
  const end = async (): Promise<void> => {
    for (const left of receivers) left.abort()
    await inTime(clock, goodbyeMs, committer.idle()).catch(() => undefined)
    round = undefined
    partitions.clear()
    pauses[Symbol.dispose]()
    await Promise.all([membership[Symbol.asyncDispose](), fetcher[Symbol.asyncDispose]()])
  }

  return {
    get isEnding() {
      return ending !== undefined
    },
    subscribe: () => {
      const left = new AbortController()
      if (ending === undefined) receivers.add(left)
      else left.abort()
      return {
        receiveEventBatch: ({ signal }) => receive(signal, left.signal),
        [Symbol.asyncDispose]: async () => {
          left.abort()
          receivers.delete(left)
          if (receivers.size === 0) await (ending ??= end())
        },
      }
    },
    [Symbol.asyncDispose]: () => (ending ??= end()),
  }
}
