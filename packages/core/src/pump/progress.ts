// How far a subscriber has come: kept in the store as a read model keeps its checkpoint, or in memory alone.
import { GestaError } from '../errors/gesta-error.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Checkpoint, View } from '../stores/read-model/read-model-store.ts'
import { isOfLog } from './checkpoint.ts'

export interface Progress {
  /** Where the subscriber stands. Errors: `diverged`, `store_*`. */
  read(): Promise<Checkpoint>
  /**
   * Moves on from where it stood when it was last read or moved. `false`: somebody else has moved it, and it has to be read again. An
   * owner that comes back late thereby moves nothing back and skips nothing, whatever it believes of its lease.
   */
  move(next: Checkpoint): Promise<boolean>
}

/** In the store, as the checkpoint of a view without rows. */
export function storedProgress(name: string, view: View, store: EventStore, from: 'start' | 'end'): Progress {
  const start = (): Checkpoint => ({ incarnation: store.identity.incarnation, position: 0, eventId: '' })
  let expected = start()
  const found = async (): Promise<Checkpoint> => {
    const known = await view.checkpoint()
    if (known !== undefined || from === 'start') return known ?? start()
    // Kept at once, so that a restart before the first event does not count as new again.
    await view.flush({ expected: start(), next: await endOf(store), writes: [] })
    return (await view.checkpoint()) ?? start()
  }
  return {
    read: async () => {
      const known = await found()
      if (!(await isOfLog(known, store))) throw divergedSubscriber(name, known)
      expected = known
      return known
    },
    move: async (next) => {
      const moved = await view.flush({ expected, next, writes: [] })
      if (moved) expected = next
      return moved
    },
  }
}

/** In memory, from this position on. */
export function passingProgress(store: EventStore, position: number): Progress {
  let place: Checkpoint = { incarnation: store.identity.incarnation, position, eventId: '' }
  return {
    read: async () => place,
    move: async (next) => {
      place = next
      return true
    },
  }
}

async function endOf(store: EventStore): Promise<Checkpoint> {
  const position = await store.head()
  const { incarnation } = store.identity
  if (position === 0) return { incarnation, position, eventId: '' }
  const [last] = await store.readAll({ after: position - 1, limit: 1 })
  if (last === undefined) throw new Error(`The log has no event at its head ${position}.`)
  return { incarnation, position: last.position, eventId: `${last.commandId}.${last.index}` }
}

function divergedSubscriber(name: string, { position }: Checkpoint): GestaError {
  const message = `The subscriber ${name} stands in another history: the store was restored from a backup, or another one was put in its place. Decide what it has done; under another name it begins anew.`
  return new GestaError('diverged', message, { facts: { subscriber: name, position } })
}
