// `npm run ledger -- [--broker nats|redis|kafka|memory] [--messages N] [--seed N] [--unordered]`: sends so many messages through each broker while
// everything in between is broken, and says what came of it.
// Exit code 1 when something was found, 2 for a command line that makes no sense.
import { startPostgres } from '@gesta/services'
import { readArguments, WrongArguments } from './arguments.ts'
import type { Arguments } from './arguments.ts'
import type { BrokerName } from './broker-place.ts'
import { newPlace } from './places/new-place.ts'
import { detailLines, reportLine } from './report.ts'
import { runLedger } from './run.ts'

async function runOn(broker: BrokerName, { messages, seed, unordered }: Arguments): Promise<boolean> {
  await using stores = await startPostgres({ settings: { fsync: 'on' } })
  await using place = await newPlace(broker, unordered)
  const progress = (line: string): void => console.log(`  ${broker}: ${line}`)
  const run = await runLedger(place, { messages, seed, storeUrl: stores.url, progress })
  for (const finding of run.findings) console.error(`FINDING ${finding}`)
  for (const line of detailLines(run)) console.log(line)
  console.log(reportLine(run))
  return run.findings.length === 0
}

try {
  const given = readArguments(process.argv.slice(2))
  for (const broker of given.brokers) if (!(await runOn(broker, given))) process.exitCode = 1
} catch (error) {
  if (!(error instanceof WrongArguments)) throw error
  console.error(error.message)
  process.exitCode = 2
}
