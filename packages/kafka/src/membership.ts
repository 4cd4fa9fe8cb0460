// Membership of a consumer group: joins, stays, and joins again for ever, whatever becomes of connections and brokers. Says which
// partitions are this member's, and keeps how far each is settled.
import type { Consumer } from '@platformatic/kafka'
import { backoffMs } from '@gesta/core/ports'
import type { BackendRuntime } from '@gesta/core/ports'
import { closeClient, dropConnections, goodbyeMs, newMember } from './clients.ts'
import { isForbidden } from './kafka-errors.ts'
import type { Settings } from './options.ts'
import { createPauses } from './pauses.ts'

/** A round of the group: from one distribution of partitions to the next. */
export interface Round {
  readonly partitions: readonly number[]
  /** The member was in the round before this one too: what it had and has still, nobody else had meanwhile. */
  readonly continues: boolean
}
export interface Membership extends AsyncDisposable {
  /** Committed offsets; absent where the group has none. */
  committed(partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>
  /** Keeps offsets. One attempt. */
  commit(offsets: ReadonlyMap<number, bigint>): Promise<void>
  /** Calls that wait for an answer fail, and the next ones connect again. */
  reconnect(): void
}

const pause = { firstMs: 100, maxMs: 5000 }

/**
 * `onRound` is called for each round, as soon as it begins; `onForbidden` when the broker does not let this user in. It is tried again all
 * the same.
 */
export function joinGroup(
  topic: string,
  groupId: string,
  settings: Settings,
  { clock, ids }: BackendRuntime,
  onRound: (round: Round) => void,
  onForbidden: (error: unknown) => void,
): Membership {
  const consumer = newMember(settings, groupId)
  consumer.topics.track(topic)
  const pauses = createPauses(clock)
  let failures = 0
  let last: { readonly memberId: string | null; readonly generation: number } | undefined

  const join = async (): Promise<void> => {
    try {
      await consumer.joinGroup()
    } catch (error) {
      joinLater(error)
    }
  }
  const joinLater = (error: unknown): void => {
    if (isForbidden(error)) onForbidden(error)
    failures += 1
    pauses.after(backoffMs(pause, failures, ids.random), () => void join())
  }
  consumer.on('consumer:group:join', ({ memberId, generationId = 0, assignments = [] }) => {
    const continues = last?.memberId === memberId && last.generation === generationId - 1
    last = { memberId, generation: generationId }
    failures = 0
    const own = assignments.find((assignment) => assignment.topic === topic)
    onRound({ partitions: own?.partitions ?? [], continues })
  })
  // The client joins again by itself when a heartbeat says so, and tells when that has failed.
  ;(consumer as Consumer & { on(event: 'error', listener: (error: unknown) => void): void }).on('error', joinLater)
  consumer.on('consumer:heartbeat:stalled', ({ lastError }) => joinLater(lastError))
  void join()

  return {
    committed: async (partitions) => {
      const offsets = await consumer.listCommittedOffsets({ topics: [{ topic, partitions: [...partitions] }] })
      const known = new Map<number, bigint>()
      for (const [partition, offset] of (offsets.get(topic) ?? []).entries())
        if (offset !== undefined && offset >= 0n) known.set(partition, offset)
      return known
    },
    commit: async (offsets) =>
      consumer.commit({
        offsets: Array.from(offsets, ([partition, offset]) => ({ topic, partition, offset, leaderEpoch: -1 })),
      }),
    reconnect: () => dropConnections(consumer),
    [Symbol.asyncDispose]: async () => {
      pauses[Symbol.dispose]()
      await closeClient(consumer, clock, goodbyeMs)
    },
  }
}
