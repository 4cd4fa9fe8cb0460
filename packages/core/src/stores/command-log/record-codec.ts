// How a record becomes bytes, for logs that keep it as one piece: in a file, in a message, under a key.
import type { CommandRecord, RecordedPlace } from './command-record.ts'

/** `decode` gives back what `encode` was given, field by field; fields without a value are `undefined`, as in every record. */
export interface RecordCodec {
  /** Stored with the bytes where a log may hold several kinds: `json`, `cbor`. */
  readonly name: string
  encode(record: CommandRecord): Uint8Array
  /** Throws for bytes that no `encode` of this codec has made. */
  decode(bytes: Uint8Array): CommandRecord
}

/** Records as JSON in UTF-8. */
export const jsonRecords: RecordCodec = {
  name: 'json',
  encode: (record) => Buffer.from(JSON.stringify(record)),
  decode: (bytes) => wholeRecord(JSON.parse(text.decode(bytes)) as WrittenRecord),
}
// Tells broken bytes instead of repairing them.
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A record as formats without `undefined` hold it. */
export interface WrittenRecord extends Omit<CommandRecord, 'events' | Absent> {
  readonly events: readonly (Pick<RecordedPlace, 'id'> & Partial<RecordedPlace>)[]
}
type Absent = keyof typeof absent

/** The record that was written, with the fields that it was written without. */
export function wholeRecord(written: WrittenRecord): CommandRecord {
  return { ...absent, ...written, events: written.events.map(({ id, position }) => ({ id, position })) }
}
const absent = {
  durationUs: undefined,
  payload: undefined,
  error: undefined,
  permission: undefined,
  idempotencyKey: undefined,
  duplicateOf: undefined,
  commitNo: undefined,
}
