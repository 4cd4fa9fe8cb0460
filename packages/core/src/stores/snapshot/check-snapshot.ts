// What every snapshot store refuses before anything is kept or looked for.
import { checkKey } from '../../codec/key-text.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import { checkJsonText, checkTenant, checkWhole } from '../check-text.ts'
import type { Snapshot, SnapshotKey } from './snapshot-store.ts'

/** Errors: `invalid_key`. */
export function checkSnapshotKey({ tenant, aggregateType, aggregateId }: SnapshotKey): void {
  checkTenant(tenant)
  checkKey(aggregateType, 'aggregate type')
  checkKey(aggregateId, 'aggregate id')
}

/** Errors: `invalid_key`, `invalid_output`; a `RangeError` for numbers that are not whole. */
export function checkSnapshot(snapshot: Snapshot): void {
  checkSnapshotKey(snapshot)
  checkKey(snapshot.incarnation, 'incarnation')
  checkEventId(snapshot.eventId)
  checkWhole(snapshot.stateVersion, 'state version', 0)
  checkWhole(snapshot.version, 'version', 1)
  checkWhole(snapshot.takenAt, 'time', 0)
  checkJsonText(snapshot.state, 'state')
}

/** A command id may have as many characters as a key, so an event's id may have more. */
function checkEventId(eventId: string): void {
  if (/^[^\0]+\.\d+$/s.test(eventId) && eventId.isWellFormed()) return
  throw new GestaError('invalid_key', 'Expected an event id as <commandId>.<index>, received another text.', {
    facts: { what: 'event id' },
  })
}
