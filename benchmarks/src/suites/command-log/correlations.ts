// The ten records of one correlation, found in each log of its own, beside the bare look-up in as many.
import { commandRecords, recordsPerCorrelation } from '../../command-records.ts'
import { compare } from '../../measure.ts'
import { rowOf } from '../../row.ts'
import type { Suite } from '../suite.ts'
import { finding, warmUpQuestions } from './finding.ts'
import { startOwnLogs } from './own-logs.ts'

const keptMax = 10_000
const recordedTogether = 1_000
const payloadBytes = 1_000

export const correlations: Suite = async function* ({ scratch, loggedCommands, ...effort }) {
  await using logs = await startOwnLogs(scratch)
  const kept = Math.min(keptMax, loggedCommands)
  const correlationsKept = kept / recordsPerCorrelation
  for (const { name, durability, open, bare } of logs.all) {
    await using log = await open()
    await using limit = await bare()
    for (let first = 0; first < kept; first += recordedTogether)
      for (const side of [log, limit]) await side.record(commandRecords(first, recordedTogether, payloadBytes))
    const found = async (correlationId: string): Promise<number> =>
      (await log.list({ correlationId }, { limit: recordsPerCorrelation })).items.length
    const compared = await compare(
      async () => finding(found, correlationsKept),
      async () => finding(limit.find, correlationsKept),
      effort,
      warmUpQuestions,
    )
    yield rowOf(
      'command-log',
      `${name} own log, correlation of ${recordsPerCorrelation} in ${kept}`,
      durability,
      compared,
    )
  }
}
