// What every log of its own refuses before it keeps a record: ids that no command has, and whatever is over its limit. Who makes
// records cuts them first, and says so in `truncated`.
import { checkKey } from '../../codec/key-text.ts'
import { checkJsonText, checkTenant, checkWhole } from '../check-text.ts'
import { checkContext } from '../event/check-context.ts'
import { recordLimits } from './command-record.ts'
import type { CommandRecord } from './command-record.ts'

/** Records that one call may bring. */
const recordsMax = 10_000

/**
 * Throws for a list of records that no log keeps.
 * Errors: `invalid_key`; `invalid_output`, `payload_too_large` for a context or payload that no commit could have; a `RangeError` for
 * what is over its limit.
 */
export function checkRecords(records: readonly CommandRecord[]): void {
  checkAtMost(records.length, recordsMax, 'the list', 'records')
  for (const record of records) checkRecord(record)
}

/** Throws for a record that no log keeps. Errors: as for `checkRecords`. */
export function checkRecord(record: CommandRecord): void {
  const { tenant, commandId, commandType, recordedAt, durationUs, context, payload, idempotencyKey, duplicateOf } =
    record
  checkTenant(tenant)
  checkKey(commandId, 'command id')
  checkKey(commandType, 'command type')
  if (idempotencyKey !== undefined) checkKey(idempotencyKey, 'idempotency key')
  if (duplicateOf !== undefined) checkKey(duplicateOf, 'command id of the first command')
  checkWhole(recordedAt, 'recordedAt of the record', 0)
  if (durationUs !== undefined) checkWhole(durationUs, 'durationUs of the record', 0)
  checkWhole(record.retries, 'retries of the record', 0)
  checkContext(context)
  checkJsonText(context, 'context')
  if (payload !== undefined) checkPayload(payload)
  checkMetadata(record.metadata)
  if (record.error !== undefined)
    checkAtMost(record.error.message.length, recordLimits.errorLength, 'the error', 'characters')
}

function checkPayload(payload: string): void {
  checkJsonText(payload, 'payload')
  checkAtMost(Buffer.byteLength(payload), recordLimits.payloadBytes, 'the payload', 'bytes')
}

function checkMetadata(metadata: CommandRecord['metadata']): void {
  const entries = Object.entries(metadata)
  checkAtMost(entries.length, recordLimits.metadataKeys, 'the metadata', 'names')
  for (const [name, value] of entries)
    checkAtMost(
      Math.max(name.length, value.length),
      recordLimits.metadataLength,
      'each text of the metadata',
      'characters',
    )
}

function checkAtMost(count: number, max: number, what: string, unit: string): void {
  if (count <= max) return
  throw new RangeError(
    `Expected ${what} to have at most ${max} ${unit}, received ${count}. Cut it before it is recorded, and name it in truncated.`,
  )
}
