// Whether a checkpoint is of this log: every reader of the order asks it before it goes on from one.
import type { EventStore } from '../stores/event/event-store.ts'
import type { Checkpoint } from '../stores/read-model/read-model-store.ts'

/** Whether the log still has what the checkpoint stands for: a backup that was restored and written on has other events there. */
export async function isOfLog({ incarnation, position, eventId }: Checkpoint, store: EventStore): Promise<boolean> {
  if (incarnation !== store.identity.incarnation) return false
  if (position === 0) return true
  const [event] = await store.readAll({ after: position - 1, limit: 1 })
  return event !== undefined && `${event.commandId}.${event.index}` === eventId
}
