// The watch: follows the log for erasures alone, so that what other processes erased is forgotten here too.
import { erasureStream } from '../contracts/subject-erased.ts'
import { followNames } from '../pump/follow-names.ts'
import type { FollowingParts } from '../pump/follow-names.ts'
import type { KeyScope } from '../stores/key/key-store.ts'

export interface WatchParts extends Omit<FollowingParts, 'onEvents' | 'onTrouble'> {
  /** Harmless to repeat. */
  readonly evict: (scope: KeyScope) => Promise<void>
  /** Told how far the watch is: what was erased up to there is forgotten. */
  readonly onSeen: (position: number) => void
}

/** Watches from a position on, until the pump stops. Never rejects. */
export function watchErasures({ evict, onSeen, ...parts }: WatchParts, from: number): Promise<void> {
  const onEvents: FollowingParts['onEvents'] = async (events, position) => {
    for (const { tenant, aggregateType, aggregateId } of events)
      if (aggregateType === erasureStream) await evict({ tenant, subject: aggregateId })
    onSeen(position)
  }
  return followNames({ ...parts, onEvents }, from)
}
