// The part of somebody who repeats: hands in commits that others hand in too, some at the same moment.
import type { Commit } from '../../stores/commit.ts'
import type { EventStore } from '../../stores/event/event-store.ts'
import { oneTo } from '../event-store/given.ts'
import { attempt } from './deed.ts'
import type { Deed } from './deed.ts'

export interface RepeatPart {
  readonly part: 'repeat'
  readonly commits: readonly Commit[]
  /** How often each is handed in, all at once. */
  readonly times: number
}

export async function playRepeat({ commits, times }: RepeatPart, store: EventStore): Promise<readonly Deed[]> {
  return Promise.all(oneTo(times).flatMap(() => commits.map((each) => attempt(store, each, 0))))
}
