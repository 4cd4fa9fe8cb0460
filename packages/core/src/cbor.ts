// @gesta/core/cbor: records of commands as CBOR (RFC 8949). An entry of its own, because only it needs the library.
import { decode, encode } from 'cborg'
import { wholeRecord } from './stores/command-log/record-codec.ts'
import type { RecordCodec, WrittenRecord } from './stores/command-log/record-codec.ts'

/** Records as CBOR. The payload stays the JSON text that it is. Reference: docs/reference/command-log.md. */
export const cborRecords: RecordCodec = {
  name: 'cbor',
  encode: (record) => encode(record, { ignoreUndefinedProperties: true }),
  decode: (bytes) => wholeRecord(decode(bytes) as WrittenRecord),
}
