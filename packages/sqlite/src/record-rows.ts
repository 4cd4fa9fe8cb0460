// Records as the rows of a command log of its own: what lists ask for in columns, all else as the bytes of a codec.
import { contextOf, correlationIdOf, GestaError } from '@gesta/core/ports'
import type { CommandRecord, RecordCodec } from '@gesta/core/ports'
import type { KeptRecord, NewRecord } from './record-file.ts'

export function toRow(record: CommandRecord, codec: RecordCodec): NewRecord {
  const { tenant, commandId, commandType, status, context, recordedAt, payload = null } = record
  const { identity, account } = contextOf(context)
  return {
    tenant,
    commandId,
    commandType,
    status,
    correlationId: correlationIdOf(context) ?? null,
    sender: identity ?? account ?? null,
    recordedAt,
    codec: codec.name,
    record: recordBytes(record, codec),
    payload,
  }
}

/** Without the payload, which has a column of its own, and without a place in another log. */
export function recordBytes(record: CommandRecord, codec: RecordCodec): Uint8Array {
  // A copy, because a part of a larger array would be sent to the thread with all of it.
  return new Uint8Array(codec.encode({ ...record, payload: undefined, commitNo: undefined }))
}

/** Errors: `store_foreign` for bytes that none of the codecs reads. */
export function fromRow(kept: KeptRecord, codecs: readonly RecordCodec[], path: string): CommandRecord {
  const codec = codecs.find(({ name }) => name === kept.codec)
  const expected = `Expected the record ${kept.seq} in ${path}`
  if (codec === undefined)
    throw new GestaError(
      'store_foreign',
      `${expected} to be written with ${codecs.map(({ name }) => name).join(' or ')}, received "${kept.codec}". Open the log with the codec of that name.`,
      { facts: { path } },
    )
  try {
    return { ...codec.decode(kept.record), payload: kept.payload }
  } catch (cause) {
    const message = `${expected} to be ${kept.codec}, but its bytes are damaged. Restore the file from a backup, or purge the record.`
    throw new GestaError('store_foreign', message, { cause, facts: { path } })
  }
}
