// What each log of its own takes: a hundred records at once, and one by one, beside bare writes of the same.
import { commandRecord, commandRecords } from '../../command-records.ts'
import type { BareLog } from '../../limits/bare-logs/bare-log.ts'
import { compare } from '../../measure.ts'
import type { Subject } from '../../measure.ts'
import { rowOf } from '../../row.ts'
import type { Suite } from '../suite.ts'
import { startOwnLogs } from './own-logs.ts'
import { payloadSizes } from './payload-sizes.ts'

const together = 100
/** What is written before each pass, for each second of it: less where that would take longer than the pass. */
const preludeBytes = 20_000_000
const preludeRecords = { together: 4_000, alone: 400 }

export const records: Suite = async function* ({ scratch, ...effort }) {
  await using logs = await startOwnLogs(scratch)
  for (const { name, durability, open, bare } of logs.all)
    for (const [size, bytes] of payloadSizes)
      for (const [title, batch] of [
        ['100 at once', together],
        ['one by one', 1],
      ] as const) {
        const prelude = Math.ceil(
          Math.min(batch === 1 ? preludeRecords.alone : preludeRecords.together, preludeBytes / bytes) * effort.seconds,
        )
        const subject = async (make: () => Promise<Recording>): Promise<Subject> =>
          recording(await make(), bytes, batch)
        const compared = await compare(
          () => subject(open),
          () => subject(bare),
          effort,
          prelude,
        )
        yield rowOf('command-log', `${name} records of ${size}, ${title}`, durability, compared)
      }
}

type Recording = Pick<BareLog, 'record' | typeof Symbol.asyncDispose>

function recording(log: Recording, payloadBytes: number, batch: number): Subject {
  return {
    run: async (first, count) => {
      for (let from = first; from < first + count; from += batch)
        await log.record(
          batch === 1
            ? [commandRecord(from, payloadBytes)]
            : commandRecords(from, Math.min(batch, first + count - from), payloadBytes),
        )
    },
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  }
}
