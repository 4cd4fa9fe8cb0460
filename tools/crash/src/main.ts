// `npm run crash -- --minutes N [--store sqlite|postgres] [--seed N]`: ends writing processes for so long, and says what it found.
// Exit code 1 when something was found, 2 for a command line that makes no sense.
import { startPostgres } from '@gesta/services'
import { readArguments, WrongArguments } from './arguments.ts'
import type { StoreName } from './arguments.ts'
import type { Place } from './place.ts'
import { newPostgresPlace } from './postgres-place.ts'
import { detailLines, reportLine } from './report.ts'
import { runRounds } from './run.ts'
import { newSqlitePlace } from './sqlite-place.ts'

const progressMs = 10_000
let isInterrupted = false

/** A server that syncs its disk, as one that is used does. */
async function newPlace(store: StoreName): Promise<Place> {
  return store === 'sqlite' ? newSqlitePlace() : newPostgresPlace(await startPostgres({ settings: { fsync: 'on' } }))
}

async function runFor(store: StoreName, minutes: number, seed: number): Promise<boolean> {
  await using place = await newPlace(store)
  const began = performance.now()
  const elapsedMs = (): number => performance.now() - began
  let saidMs = 0
  const run = await runRounds(place, {
    seed,
    goesOn: () => !isInterrupted && elapsedMs() < minutes * 60_000,
    progress: (soFar) => {
      if (elapsedMs() - saidMs < progressMs) return
      saidMs = elapsedMs()
      console.log(reportLine(soFar, saidMs))
    },
  })
  for (const finding of run.findings) console.error(`FINDING ${finding}`)
  for (const line of detailLines(run)) console.log(line)
  // The last round went on for a moment when the time was up.
  console.log(reportLine(run, Math.min(elapsedMs(), minutes * 60_000)))
  return run.findings.length === 0
}

try {
  const { minutes, stores, seed } = readArguments(process.argv.slice(2))
  // The round that runs is brought to its end, and everything is cleared away.
  process.once('SIGINT', () => (isInterrupted = true))
  console.log(`crash: seed ${seed}, ${minutes} min on ${stores.join(' and on ')}`)
  for (const store of stores) if (!(await runFor(store, minutes, seed))) process.exitCode = 1
} catch (error) {
  if (!(error instanceof WrongArguments)) throw error
  console.error(error.message)
  process.exitCode = 2
}
