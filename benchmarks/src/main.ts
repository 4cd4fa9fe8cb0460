// `npm run bench -- <suite> [--json]`: measures, and prints every figure beside its limit.
import { readArguments, WrongArguments } from './arguments.ts'
import { describeMachine } from './machine.ts'
import { headLines, jsonLine, tableLine } from './print.ts'
import { createScratch } from './scratch.ts'
import { suites } from './suites/suites.ts'

const historyEvents = 100_000
const importLines = 30_000
const largeEvents = 5_000_000
const streamClients = 1_000
const oldSnapshotSeconds = 600

async function main(given: readonly string[]): Promise<void> {
  const { suites: names, json, ...effort } = readArguments(given, [...suites.keys()])
  using scratch = createScratch()
  if (!json)
    for (const text of headLines(`npm run bench -- ${given.join(' ')}`, describeMachine(scratch.path)))
      console.log(text)
  for (const name of names) {
    const rows =
      suites.get(name)?.({
        ...effort,
        scratch: scratch.path,
        historyEvents,
        importLines,
        largeEvents,
        streamClients,
        oldSnapshotSeconds,
      }) ?? []
    for await (const row of rows) console.log(json ? jsonLine(row) : tableLine(row))
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof WrongArguments)) throw error
  console.error(error.message)
  process.exitCode = 2
}
