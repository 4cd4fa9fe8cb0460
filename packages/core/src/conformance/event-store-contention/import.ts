// The part of an import: as many commits of one tenant as are asked for, in bulk, each to a stream of its own.
import type { EventStore } from '../../stores/event/event-store.ts'
import { commit, oneTo, stream } from '../event-store/given.ts'

export interface ImportPart {
  readonly part: 'import'
  /** Makes the command ids. */
  readonly name: string
  readonly commits: number
  /** How many are with the store at a time. */
  readonly lanes: number
}

export async function playImport({ name, commits, lanes }: ImportPart, store: EventStore): Promise<void> {
  let made = 0
  const lane = async (): Promise<void> => {
    while (made < commits) {
      const commandId = `${name}-${(made += 1)}`
      await store.commit(commit({ tenant: 'importer', commandId, streams: [stream(commandId)] }), { lane: 'bulk' })
    }
  }
  await Promise.all(oneTo(lanes).map(lane))
}
