// What a receiver asks of its group in Redis: each question is one script, and can be asked again when its answer was lost.
import type { Connection } from './connection.ts'
import {
  failEntries,
  joinGroup,
  leaveGroup,
  renewClaims,
  removeGroup,
  takeEntries,
  tidyTopic,
} from './group-scripts.ts'
import { runScript } from './script.ts'
import type { Script } from './script.ts'
import type { GroupKeys } from './topic-keys.ts'

export interface GroupSettings {
  /** Whether receivers share the events, instead of one at a time having some. */
  readonly unordered: boolean
  /** Milliseconds after which what a receiver has in hand, and gives no sign of, is another one's. */
  readonly claimAfterMs: number
  /** Failed deliveries after which an entry is a dead letter. */
  readonly attemptsMax: number
  readonly batchEventsMax: number
  /** Where a new group begins. */
  readonly start: 'oldest' | 'now'
}

export interface TakenEntry {
  readonly id: string
  /** This one is counted. */
  readonly deliveries: number
  readonly fields: readonly string[]
}
export type Taken =
  | { readonly found: 'entries'; readonly entries: readonly TakenEntry[] }
  /** `last` is the last entry that the group was given. */
  | { readonly found: 'empty'; readonly last: string }
  | { readonly found: 'standby' | 'missing' | 'removed' }

/** One receiver's view of its group. Errors: `broker_unavailable`, `broker_closed`. */
export interface GroupMember {
  join(start: GroupSettings['start']): Promise<void>
  /** `looks`: also for what receivers that have ended had in hand. */
  take(looks: boolean): Promise<Taken>
  ack(ids: readonly string[]): Promise<void>
  /** `reason`: why the delivery failed; without one it does not count. */
  fail(ids: readonly string[], reason: string | undefined): Promise<void>
  /** These become dead letters at once. */
  bury(ids: readonly string[], reason: string): Promise<void>
  /** What it has stays its own for longer. */
  renew(): Promise<void>
  /** All that it has is free. It comes back with the next `take`. */
  leave(): Promise<void>
  /** Removes what no group needs any more. */
  tidy(): Promise<void>
}

/** Bytes of entries after which a batch is full: it has to arrive in time, and all of it is in memory. */
const batchBytesMax = 4 * 1024 * 1024
/** Milliseconds after which the name of a receiver that has nothing is forgotten. */
const forgottenAfterMs = 3_600_000
/** Milliseconds for which receivers elsewhere can find out that their group was removed on purpose. */
const removalToldMs = 86_400_000

export function createGroupMember(
  connection: Connection,
  keys: GroupKeys,
  group: string,
  name: string,
  { unordered, claimAfterMs, attemptsMax, batchEventsMax }: GroupSettings,
): GroupMember {
  const { stream, dead, removed } = keys
  const run = (script: Script, names: readonly string[], ...values: readonly string[]): Promise<unknown> =>
    connection.call((client) => runScript(client, script, names, [group, ...values]))
  return {
    join: async (start) => joinGroupOf(connection, keys, group, start),
    take: async (looks) => {
      const mode = unordered ? (looks ? 'look' : '') : 'ordered'
      const bounds = [batchEventsMax, batchBytesMax, attemptsMax, claimAfterMs].map(String)
      return takenFrom(await run(takeEntries, [stream, dead, removed], name, ...bounds, mode))
    },
    ack: async (ids) => void (await connection.call((client) => client.xAck(stream, group, [...ids]))),
    fail: async (ids, reason) =>
      void (await run(failEntries, [stream, dead], name, String(attemptsMax), reason ?? '', ...ids)),
    bury: async (ids, reason) => void (await run(failEntries, [stream, dead], name, '0', reason, ...ids)),
    renew: async () => void (await run(renewClaims, [stream], name)),
    leave: async () => void (await run(leaveGroup, [stream], name)),
    tidy: async () => void (await run(tidyTopic, [stream], name, String(forgottenAfterMs))),
  }
}

export async function joinGroupOf(
  connection: Connection,
  { stream, removed }: GroupKeys,
  group: string,
  start: GroupSettings['start'],
): Promise<void> {
  const from = start === 'oldest' ? '0' : '$'
  await connection.call((client) => runScript(client, joinGroup, [stream, removed], [group, from]))
}

/** Whether there was one. */
export async function removeGroupOf(connection: Connection, keys: GroupKeys, group: string): Promise<boolean> {
  const names = [keys.stream, keys.dead, keys.removed]
  const values = [group, String(removalToldMs)]
  return (await connection.call((client) => runScript(client, removeGroup, names, values))) === 1
}

function takenFrom(answer: unknown): Taken {
  const [found, more] = answer as readonly [Taken['found'], unknown]
  if (found === 'empty') return { found, last: String(more) }
  if (found !== 'entries') return { found }
  const entries = (more as readonly [string, number, readonly string[]][]).map(([id, deliveries, fields]) => ({
    id,
    deliveries,
    fields,
  }))
  return { found, entries }
}
