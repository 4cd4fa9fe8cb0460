// Parts: what a process is told to do on a store, as plain data that can be sent to another process, and what it tells afterwards.
import type { EventStore } from '../../stores/event/event-store.ts'
import type { Clock } from '../../time/clock.ts'
import type { Deed } from './deed.ts'
import { playFollow } from './follow.ts'
import type { Followed, FollowPart } from './follow.ts'
import { playImport } from './import.ts'
import type { ImportPart } from './import.ts'
import { playRace, playSkew } from './race.ts'
import type { RacePart, SkewPart } from './race.ts'
import { playRepeat } from './repeat.ts'
import type { RepeatPart } from './repeat.ts'
import { playWrite } from './write.ts'
import type { WritePart } from './write.ts'

export type Part = WritePart | FollowPart | RacePart | SkewPart | RepeatPart | ImportPart
export interface PartReport {
  /** What was handed in; empty for a reader and an import. */
  readonly deeds: readonly Deed[]
  /** Of a reader. */
  readonly followed?: Followed | undefined
}

/** Plays a part to its end. What an adapter's test runs in a process of its own, between a part that it is given and a report that it prints. */
export async function playPart(part: Part, store: EventStore, clock: Clock): Promise<PartReport> {
  switch (part.part) {
    case 'follow':
      return { deeds: [], followed: await playFollow(part, store, clock) }
    case 'write':
      return { deeds: await playWrite(part, store, clock) }
    case 'race':
      return { deeds: await playRace(part, store) }
    case 'skew':
      return { deeds: await playSkew(part, store) }
    case 'repeat':
      return { deeds: await playRepeat(part, store) }
    case 'import':
      await playImport(part, store)
      return { deeds: [] }
  }
}
