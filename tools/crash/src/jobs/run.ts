// A run with jobs: processes that enqueue and run jobs are killed, or stopped and continued, until the time is over; then the rest is
// done, and compared with what was acknowledged.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { diceOf } from '../dice.ts'
import type { Place } from '../place.ts'
import { checkJobs } from './check.ts'
import { startJobsProcess } from './process.ts'
import type { JobsProcess } from './process.ts'

export interface JobsRun {
  readonly store: string
  readonly seed: number
  readonly kills: number
  /** Processes that were stopped for a while and continued. */
  readonly stops: number
  readonly harms: ReadonlyMap<string, number>
  /** Jobs whose enqueuing was acknowledged. */
  readonly acknowledged: number
  readonly jobs: number
  readonly repeated: number
  /** Runs whose worker was told that others have them. */
  readonly lost: number
  /** Milliseconds after the end of a worker until none of its jobs was waiting for it any more. */
  readonly recoveriesMs: readonly number[]
  readonly findings: readonly string[]
}
export interface JobsRunOptions {
  readonly seed: number
  /** Asked before each end. */
  readonly goesOn: (run: JobsRun) => boolean
  readonly progress?: ((run: JobsRun) => void) | undefined
  /** Whether the place is harmed, too, if it can be. Default `false`. */
  readonly harms?: boolean | undefined
}

/** What the default lease promises. Milliseconds. */
const recoveryMaxMs = 10_000
/** Longer than a lease: others have its jobs when it goes on. */
const stoppedMs = 7_000
const lookMs = 100
/** Long enough for the slowest machine; what takes longer never comes. */
const patienceMs = 120_000

export async function runJobRounds(place: Place, options: JobsRunOptions): Promise<JobsRun> {
  const { seed, goesOn, progress, harms: isHarmed = false } = options
  const dice = diceOf(seed)
  const folder = await mkdtemp(join(tmpdir(), 'gesta-crash-jobs-'))
  const effects = join(folder, 'effects')
  await writeFile(effects, '')
  const acknowledged: string[] = []
  const findings: string[] = []
  const recoveriesMs: number[] = []
  const harms = new Map<string, number>()
  const sums = { kills: 0, stops: 0, jobs: 0, repeated: 0, lost: 0 }
  const run = (): JobsRun => {
    return { store: place.store, seed, ...sums, harms, acknowledged: acknowledged.length, recoveriesMs, findings }
  }
  const isShared = place.store === 'postgres'
  /** When the worker of a process was ended. */
  const gone = new Map<string, number>()
  const stopped = new Map<JobsProcess, number>()
  let opened = 0
  let isAtRest = false
  const spawned = (): JobsProcess => startJobsProcess((ids) => acknowledged.push(...ids))
  let next = spawned()
  const begin = (): JobsProcess => {
    const process = next
    next = spawned()
    opened += 1
    process.open({ ...place.opening(), effects, seed: seed + opened * 7919 })
    if (isAtRest) process.ask('rest')
    return process
  }
  const processes = Array.from({ length: isShared ? 3 : 1 }, begin)
  const working = (): readonly JobsProcess[] =>
    processes.filter((process) => process.worker !== undefined && !stopped.has(process))

  /** Nobody recovers anything while the store is away, or while there is no process that has it. */
  const interrupted = (): void => {
    for (const worker of gone.keys()) gone.set(worker, performance.now())
  }
  /** Asks one that works what the store says, and notes what has been recovered since. */
  const look = async (): Promise<JobsProcess['look']> => {
    for (const process of [...processes, next])
      if (process.wrong !== undefined) findings.push(`seed ${seed}: ${process.wrong}`)
    for (const [process, untilMs] of stopped) {
      if (performance.now() < untilMs) continue
      process.signal('SIGCONT')
      stopped.delete(process)
      if (!isShared) interrupted()
    }
    const able = working()
    const process = able[dice(able.length)]
    const askedMs = performance.now()
    process?.ask('look')
    await delay(lookMs)
    const said = process?.look
    if (said === undefined || said.atMs < askedMs) return undefined
    for (const [worker, sinceMs] of gone) {
      const isRecovered = !said.running.includes(worker)
      const tookMs = said.atMs - sinceMs
      if (isRecovered) recoveriesMs.push(Math.round(tookMs))
      if (isRecovered || tookMs > recoveryMaxMs) gone.delete(worker)
      if (!isRecovered && tookMs > recoveryMaxMs)
        findings.push(`seed ${seed}: jobs of a worker that was ended ran on for ${Math.round(tookMs)} ms.`)
    }
    return said
  }
  const lookFor = async (ms: number): Promise<void> => {
    const untilMs = performance.now() + ms
    while (performance.now() < untilMs && findings.length === 0) await look()
  }
  const until = async (what: string, isSo: () => Promise<boolean> | boolean): Promise<void> => {
    const untilMs = performance.now() + patienceMs
    while (findings.length === 0 && !(await isSo())) {
      await look()
      if (performance.now() > untilMs) findings.push(`seed ${seed}: it did not come to where ${what}.`)
    }
  }
  const kill = async (process: JobsProcess): Promise<void> => {
    if (!isShared) interrupted()
    if (process.worker !== undefined) gone.set(process.worker, performance.now())
    sums.lost += process.look?.lost ?? 0
    await process[Symbol.asyncDispose]()
    sums.kills += 1
    processes[processes.indexOf(process)] = begin()
  }
  const stop = (process: JobsProcess): void => {
    process.signal('SIGSTOP')
    sums.stops += 1
    stopped.set(process, performance.now() + (isShared ? stoppedMs : dice(stoppedMs)))
    // Where nobody else is, it goes on with its jobs itself.
    if (isShared && process.worker !== undefined) gone.set(process.worker, performance.now())
  }

  try {
    while (findings.length === 0 && goesOn(run())) {
      await until('a process worked', () => working().length > 0)
      await lookFor(500 + dice(2_500))
      const able = working()
      const process = able[dice(able.length)]
      const harm = place.harms[dice(place.harms.length)]
      if (process === undefined) continue
      if (isHarmed && harm !== undefined && dice(3) === 0) {
        await harm.run(dice)
        interrupted()
        harms.set(harm.name, (harms.get(harm.name) ?? 0) + 1)
      } else if (dice(3) === 0 && able.length === processes.length) stop(process)
      else await kill(process)
      progress?.(run())
    }
    isAtRest = true
    for (const process of processes) process.ask('rest')
    await until('all workers were recovered', () => stopped.size === 0 && gone.size === 0)
    await until('all jobs had ended', async () => (await look())?.unfinished === 0)
    for (const process of processes) sums.lost += process.look?.lost ?? 0
  } finally {
    for (const process of [...processes, next]) await process[Symbol.asyncDispose]()
  }
  if (findings.length === 0) {
    await place.quiet()
    await using backend = await place.open()
    const lines = (await readFile(effects, 'utf8')).split('\n').slice(0, -1)
    const checked = await checkJobs(backend, acknowledged, lines)
    sums.jobs = checked.jobs
    sums.repeated = checked.repeated
    findings.push(...checked.findings.map((finding) => `seed ${seed}: ${finding}`))
  }
  await rm(folder, { recursive: true, force: true })
  return run()
}
