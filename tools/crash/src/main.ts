// `npm run crash -- [--what commits|views|jobs] --minutes N [--store sqlite|postgres|memory] [--seed N]`: ends processes for so long, and says
// what it found in commits, in views or in jobs.
// Exit code 1 when something was found, 2 for a command line that makes no sense.
import { startPostgres } from '@gesta/services'
import type { OwnServer } from '@gesta/services'
import { readArguments, WrongArguments } from './arguments.ts'
import type { StoreName } from './arguments.ts'
import type { Place } from './place.ts'
import { jobsDetailLines, jobsReportLine } from './jobs/report.ts'
import { runJobRounds } from './jobs/run.ts'
import { newPostgresPlace } from './postgres-place.ts'
import { detailLines, reportLine } from './report.ts'
import { runRounds } from './run.ts'
import { newSqlitePlace } from './sqlite-place.ts'
import { newFilePlace, newServerPlace } from './views/places.ts'
import type { ViewsPlace } from './views/places.ts'
import { viewsDetailLines, viewsReportLine } from './views/report.ts'
import { runViewRounds } from './views/run.ts'

const progressMs = 10_000
let isInterrupted = false

/** A server that syncs its disk, as one that is used does. */
const startServer = (): Promise<OwnServer> => startPostgres({ settings: { fsync: 'on' } })
const newPlace = async (store: StoreName): Promise<Place> =>
  store === 'postgres' ? newPostgresPlace(await startServer()) : newSqlitePlace()
const newViewsPlace = async (store: StoreName): Promise<ViewsPlace> =>
  store === 'postgres' ? newServerPlace(await startServer()) : newFilePlace(store)

interface Timed<OfRun> {
  readonly goesOn: () => boolean
  readonly progress: (soFar: OfRun) => void
  /** Says how the run ended; whether nothing was found. */
  end(run: OfRun & { readonly findings: readonly string[] }, details: readonly string[]): boolean
}
/** For so many minutes from now; a line now and then. */
function timed<OfRun>(minutes: number, line: (run: OfRun, elapsedMs: number) => string): Timed<OfRun> {
  const began = performance.now()
  const elapsedMs = (): number => performance.now() - began
  let saidMs = 0
  return {
    goesOn: () => !isInterrupted && elapsedMs() < minutes * 60_000,
    progress: (soFar) => {
      if (elapsedMs() - saidMs < progressMs) return
      saidMs = elapsedMs()
      console.log(line(soFar, saidMs))
    },
    end: (run, details) => {
      for (const finding of run.findings) console.error(`FINDING ${finding}`)
      for (const detail of details) console.log(detail)
      // The last round went on for a moment when the time was up.
      console.log(line(run, Math.min(elapsedMs(), minutes * 60_000)))
      return run.findings.length === 0
    },
  }
}

async function runCommits(store: StoreName, minutes: number, seed: number): Promise<boolean> {
  await using place = await newPlace(store)
  const time = timed(minutes, reportLine)
  const run = await runRounds(place, { seed, ...time })
  return time.end(run, detailLines(run))
}

async function runViews(store: StoreName, minutes: number, seed: number): Promise<boolean> {
  await using place = await newViewsPlace(store)
  const time = timed(minutes, viewsReportLine)
  const run = await runViewRounds(place, { seed, waitsForLeases: true, ...time })
  return time.end(run, viewsDetailLines(run))
}

async function runJobs(store: StoreName, minutes: number, seed: number): Promise<boolean> {
  await using place = await newPlace(store)
  const time = timed(minutes, jobsReportLine)
  const run = await runJobRounds(place, { seed, harms: true, ...time })
  return time.end(run, jobsDetailLines(run))
}

try {
  const { what, minutes, stores, seed } = readArguments(process.argv.slice(2))
  // The round that runs is brought to its end, and everything is cleared away.
  process.once('SIGINT', () => (isInterrupted = true))
  console.log(`crash: ${what}, seed ${seed}, ${minutes} min on ${stores.join(' and on ')}`)
  const runFor = { commits: runCommits, views: runViews, jobs: runJobs }[what]
  for (const store of stores) if (!(await runFor(store, minutes, seed))) process.exitCode = 1
} catch (error) {
  if (!(error instanceof WrongArguments)) throw error
  console.error(error.message)
  process.exitCode = 2
}
