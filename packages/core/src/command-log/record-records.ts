// Handing records to a log of its own: one that it refuses for good must not keep its neighbours out.
import { isGestaError } from '../errors/gesta-error.ts'
import type { CommandLogStore } from '../stores/command-log/command-log-store.ts'
import type { CommandRecord } from '../stores/command-log/command-record.ts'

/**
 * Records in order. `onRefused` is told of each record that no attempt will bring in. Errors: those that another attempt may not meet;
 * a first part of the records is stored then, and telling all of them again is harmless.
 */
export async function recordRecords(
  store: CommandLogStore,
  records: readonly CommandRecord[],
  onRefused: (record: CommandRecord, cause: unknown) => void,
): Promise<void> {
  try {
    await store.record(records)
  } catch (cause) {
    if (!isRefusal(cause)) throw cause
    const [record] = records
    if (record === undefined) throw cause
    if (records.length === 1) return onRefused(record, cause)
    // Halves find the one in a few steps, where one by one would ask for each of its neighbours.
    const middle = Math.ceil(records.length / 2)
    await recordRecords(store, records.slice(0, middle), onRefused)
    await recordRecords(store, records.slice(middle), onRefused)
  }
}

/** Whether the store would say the same again. */
function isRefusal(cause: unknown): boolean {
  return (
    cause instanceof RangeError ||
    isGestaError(cause, 'invalid_key') ||
    isGestaError(cause, 'invalid_output') ||
    isGestaError(cause, 'payload_too_large')
  )
}
