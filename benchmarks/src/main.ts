// `npm run bench -- <suite> [--json]`: measures, and prints every figure beside its limit.
import { readArguments, WrongArguments } from './arguments.ts'
import { describeMachine } from './machine.ts'
import { headLines, jsonLine, tableLine } from './print.ts'
import { createScratch } from './scratch.ts'
import { parts, suites } from './suites/suites.ts'

const historyEvents = 100_000
const importLines = 30_000
const largeEvents = 5_000_000
const streamClients = 1_000
const oldSnapshotSeconds = 600
const heldSeconds = 20
const fewEvents = 10_000
const viewEvents = 200_000
const loggedCommands = 5_000_000
const countedCommands = 30_000
const sameKeyDispatches = 1_000

async function main(given: readonly string[]): Promise<void> {
  const all = new Map([...suites, ...parts])
  const { suites: names, json, events, held, ...effort } = readArguments(given, [...all.keys()])
  using scratch = createScratch()
  if (!json)
    for (const text of headLines(`npm run bench -- ${given.join(' ')}`, describeMachine(scratch.path)))
      console.log(text)
  for (const name of names) {
    const rows =
      all.get(name)?.({
        ...effort,
        scratch: scratch.path,
        historyEvents,
        importLines,
        largeEvents,
        streamClients,
        oldSnapshotSeconds,
        heldSeconds: held ?? heldSeconds,
        fewEvents,
        viewEvents: events ?? viewEvents,
        loggedCommands: events ?? loggedCommands,
        countedCommands,
        sameKeyDispatches,
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
