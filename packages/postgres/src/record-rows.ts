// Rows of a command log of its own: what stands in columns, and the record itself as the bytes of a codec.
import { contextOf, correlationIdOf, GestaError, jsonRecords } from '@gesta/core/ports'
import type { CommandRecord, RecordCodec } from '@gesta/core/ports'
import { bigintArray, bytesArray, textArray } from './binary-arrays.ts'
import type { Row, Value } from './driver.ts'

export const recordRowColumns = 'l.seq, l.status, l.codec, l.record'

export interface RecordRows {
  /** The name of what records are written with. */
  readonly codec: string
  /** The arguments of `record_commands`, call after call: one, unless the records have more bytes than a server takes well. */
  calls(records: readonly CommandRecord[]): Iterable<readonly Value[]>
  /** As the codec writes it; a log of its own has no commits. */
  bytesOf(record: CommandRecord): Uint8Array
  toRecord(row: Row): CommandRecord
}

/** Bytes of one call, beside its last record. */
const callBytes = 8 * 1024 * 1024

/** `place` is for errors. `withJsonb`: payload and metadata stand beside the record. */
export function createRecordRows(codec: RecordCodec, withJsonb: boolean, place: string): RecordRows {
  const bytesOf = (record: CommandRecord): Uint8Array => codec.encode({ ...record, commitNo: undefined })
  const callOf = (records: readonly CommandRecord[], bytes: readonly Uint8Array[]): readonly Value[] => {
    const texts = records.flatMap((record) => textsOf(record, withJsonb))
    const times = records.map(({ recordedAt }) => recordedAt)
    return [textArray(texts), bigintArray(times), bytesArray(bytes), codec.name]
  }
  return {
    codec: codec.name,
    bytesOf,
    calls: function* (records) {
      // A closed log refuses that too.
      if (records.length === 0) yield callOf([], [])
      let begin = 0
      let bytes: Uint8Array[] = []
      let size = 0
      for (const [at, record] of records.entries()) {
        size += (bytes[at - begin] = bytesOf(record)).length
        if (size < callBytes && at + 1 < records.length) continue
        yield callOf(records.slice(begin, at + 1), bytes)
        begin = at + 1
        bytes = []
        size = 0
      }
    },
    toRecord: ([seq, , name, record]) => {
      const known = [codec, jsonRecords].find((one) => one.name === name)
      const expected = `Expected the record ${String(seq)} in ${place}`
      if (known === undefined) {
        const message = `${expected} to be written with "${codec.name}" or "json", received "${String(name)}". Open the log with the codec of that name.`
        throw new GestaError('store_foreign', message, { facts: { place } })
      }
      try {
        // In hexadecimal, behind two characters that say so.
        return known.decode(Buffer.from(String(record).slice(2), 'hex'))
      } catch (cause) {
        const message = `${expected} to be ${known.name}, but its bytes are damaged. Restore a backup, or purge the record.`
        throw new GestaError('store_foreign', message, { cause, facts: { place } })
      }
    },
  }
}

function textsOf(record: CommandRecord, withJsonb: boolean): readonly (string | undefined)[] {
  const { tenant, commandId, commandType, status, context, payload, metadata } = record
  const { identity, account } = contextOf(context)
  const sender: unknown = identity ?? account
  return [
    tenant,
    commandId,
    commandType,
    status,
    correlationIdOf(context),
    // No column holds a NUL, and nobody can ask for one.
    typeof sender === 'string' && !sender.includes('\0') ? sender : undefined,
    withJsonb ? payload : undefined,
    withJsonb ? JSON.stringify(metadata) : undefined,
  ]
}

/** Each command once, in its first place: what comes of telling them one after the other. */
export function firstOutcomes(records: readonly CommandRecord[]): readonly CommandRecord[] {
  const kept = new Map<string, CommandRecord>()
  for (const record of records) {
    // Keys hold no NUL.
    const key = `${record.tenant}\0${record.commandId}`
    if ((kept.get(key)?.status ?? 'started') === 'started' && (record.status !== 'started' || !kept.has(key)))
      kept.set(key, record)
  }
  return [...kept.values()]
}
