// Records as bytes, written and read again: CBOR beside JSON, in time and in bytes.
import { cborRecords } from '@gesta/core/cbor'
import { jsonRecords } from '@gesta/core/ports'
import type { RecordCodec } from '@gesta/core/ports'
import { commandRecords } from '../../command-records.ts'
import { compare } from '../../measure.ts'
import type { Make } from '../../measure.ts'
import { rowOf } from '../../row.ts'
import type { Suite } from '../suite.ts'
import { payloadSizes } from './payload-sizes.ts'

/** In turns: enough that no single one is kept by the processor. */
const differentRecords = 100

export const codecs: Suite = async function* (effort) {
  for (const [size, bytes] of payloadSizes) {
    const compared = await compare(thereAndBack(cborRecords, bytes), thereAndBack(jsonRecords, bytes), effort)
    yield rowOf('command-log', `cbor against json, ${size}, written and read`, 'none', compared)
    const [cbor = 0, json = 0] = [cborRecords, jsonRecords].map((codec) => bytesOf(codec, bytes))
    const lengths = { perSec: cbor, limitPerSec: json, ratio: cbor / json, p50us: undefined, p99us: undefined }
    yield rowOf('command-log', `cbor against json, ${size}, bytes per record`, 'none', lengths)
  }
}

function thereAndBack({ encode, decode }: RecordCodec, payloadBytes: number): Make {
  const records = commandRecords(0, differentRecords, payloadBytes)
  return async () => ({
    run: async (first, count) => {
      for (let index = first; index < first + count; index++) {
        const record = records[index % differentRecords]
        if (record !== undefined && decode(encode(record)).commandId !== record.commandId)
          throw new Error(`Expected the record ${record.commandId} to come back.`)
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  })
}

function bytesOf({ encode }: RecordCodec, payloadBytes: number): number {
  const records = commandRecords(0, differentRecords, payloadBytes)
  return records.reduce((sum, record) => sum + encode(record).length, 0) / differentRecords
}
