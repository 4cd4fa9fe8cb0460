// What goes wrong with read models, as errors: at which event, and the way back.
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import type { Checkpoint } from '../stores/read-model/read-model-store.ts'

/** A handler could not take an event as often as it is tried. */
export function failedAt({ name }: ReadModelParts, event: RecordedEvent, cause: unknown): GestaError {
  const { id, type, position } = event
  const message = `The read model ${name} could not take the event ${id} of type ${type} at position ${position}: ${(cause as Error).message}. Mend its handler and restart.`
  return new GestaError('read_model_failed', message, {
    cause,
    facts: { readModel: name, eventId: id, type, position },
  })
}

/** As many events wait as may wait. */
export function fullParking({ name, parkedMax }: ReadModelParts): GestaError {
  const message = `Expected at most ${parkedMax} parked events of the read model ${name}, and one more has to wait. Retry or discard what is parked`
  return new GestaError('read_model_failed', message, { facts: { readModel: name, parkedMax } })
}

/** Somebody else owns the view now, and this process has not been told yet. */
export class LostView extends Error {}
export function lostView({ name }: ReadModelParts): Error {
  return new LostView(`the view of ${name} was moved by somebody else`)
}

export function stoppedApp(): GestaError {
  return new GestaError(
    'app_stopped',
    'The app is stopping, and its read models no longer follow the log. Ask again once it runs.',
  )
}

export function stoppedReadModel(name: string): GestaError {
  const message = `The read model ${name} was stopped before it had what was asked of it. Start it, or ask without \`after\`.`
  return new GestaError('read_model_stopped', message, { facts: { readModel: name } })
}

export function cancelledRestore(name: string): GestaError {
  const message = `The restore of the read model ${name} was given up: it was cancelled, or another one took its place. Queries read what they read before.`
  return new GestaError('read_model_stopped', message, { facts: { readModel: name } })
}

export function restoringReadModel(name: string): GestaError {
  const message = `The read model ${name} is being built from the log, and has nothing to show yet. Ask again once it is there; /ready tells.`
  return new GestaError('read_model_restoring', message, { facts: { readModel: name } })
}

export function degradedRow(name: string): GestaError {
  const message = `An event of the row asked of the read model ${name} waits for an operator. Ask without \`after\` for the row as it was before it.`
  return new GestaError('read_model_degraded', message, { facts: { readModel: name } })
}

export function unknownReadModel(name: string, known: readonly string[]): GestaError {
  const message = `Expected the name of a read model of the app, received "${name}". It has: ${known.join(', ') || 'none'}.`
  return new GestaError('read_model_unknown', message, { facts: { readModel: name } })
}

/** A token beyond the end of the log. */
export function beyondLog(position: number): GestaError {
  const message =
    'The token lies beyond the end of the log: the store was restored from a backup since. Read without it once, and take the new token.'
  return new GestaError('diverged', message, { facts: { position } })
}

export function divergedView({ name }: ReadModelParts, { position }: Checkpoint): GestaError {
  const message = `The view of ${name} was built from another history: the store was restored from a backup, or another one was put in its place. Restore it from zero.`
  return new GestaError('diverged', message, { facts: { readModel: name, position } })
}
