// The part of a reader: follows the order page by page while others write, until it meets the last event.
import assert from 'node:assert/strict'
import type { StoredEvent } from '../../stores/event/event-store.ts'
import type { Clock } from '../../time/clock.ts'

/** Reads `limit` events at a time, and ends with the event that `endOfLog` made. */
export interface FollowPart {
  readonly part: 'follow'
  readonly limit: number
}
/** What a follower saw: `<command id>.<index>` at each position from 1, and the positions at which its pages ended. */
export interface Followed {
  readonly ids: readonly string[]
  readonly pageEnds: readonly number[]
}
/** As much of an event store as a follower needs. */
export interface LogSource {
  readAll(read: { readonly after: number; readonly limit?: number | undefined }): Promise<readonly StoredEvent[]>
}

/** The type of the last event. */
export const endOfLog = 'Order.Ended'
/** Milliseconds between two looks of a follower that has seen everything there is. */
const pollMs = 1

export async function playFollow({ limit }: FollowPart, source: LogSource, clock: Clock): Promise<Followed> {
  const ids: string[] = []
  const pageEnds: number[] = []
  for (;;) {
    const page = await source.readAll({ after: ids.length, limit })
    for (const { position, commandId, index } of page) {
      assert.equal(position, ids.length + 1, 'A reader skipped or reordered.')
      ids.push(`${commandId}.${index}`)
    }
    if (page.at(-1)?.type === endOfLog) return { ids, pageEnds }
    if (page.length > 0) pageEnds.push(ids.length)
    else await new Promise<void>((resolve) => clock.after(pollMs, resolve))
  }
}

/** Insists that a follower saw exactly the log as it is now, and whole commits at each look. */
export function assertFollowed({ ids, pageEnds }: Followed, log: readonly StoredEvent[]): void {
  assert.deepEqual(
    ids,
    log.map(({ commandId, index }) => `${commandId}.${index}`),
  )
  for (const end of pageEnds) assert.notEqual(log[end - 1]?.commitNo, log[end]?.commitNo, `A page ended in a commit.`)
}
