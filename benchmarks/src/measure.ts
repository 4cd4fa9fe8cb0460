// How a figure is measured: limit and gesta in turns, with the same number of commands on the same kind of fresh store;
// the median of the ratios of the pairs. No clock is read inside a measured pass: latencies have a pass of their own.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Something that can be asked to do commands: gesta, or the limit that it is held against. */
export interface Subject extends AsyncDisposable {
  /** Does the commands `first`, `first + 1`, ... and resolves when all are done, read models included. */
  run(first: number, count: number): Promise<unknown>
  /** The same, and the microseconds of each command. */
  time?(first: number, count: number, latenciesUs: Float64Array): Promise<unknown>
}
export type Make = () => Promise<Subject>

export interface Effort {
  readonly rounds: number
  /** Seconds that one pass of gesta is meant to take. */
  readonly seconds: number
}
export interface Comparison {
  readonly perSec: number
  readonly limitPerSec: number
  /** The median of the pairs' ratios: not the quotient of the two medians. */
  readonly ratio: number
  readonly p50us: number | undefined
  readonly p99us: number | undefined
}

/** Commands that are done before the clock starts, on every fresh subject: each of the 1,000 aggregates has one event then. */
const preludeCount = 1_000
const warmUpSeconds = 0.4
const latenciesMax = 200_000

/** Measures pairs. The side that goes first changes from round to round. */
export async function compare(
  gesta: Make,
  limit: Make,
  effort: Effort,
  prelude: number = preludeCount,
): Promise<Comparison> {
  const count = await warmUp(gesta, effort.seconds)
  await pass(limit, count, prelude)
  const own: number[] = []
  const bounds: number[] = []
  for (let round = 0; round < effort.rounds; round++) {
    if (round % 2 === 0) bounds.push(await pass(limit, count, prelude))
    own.push(await pass(gesta, count, prelude))
    if (round % 2 === 1) bounds.push(await pass(limit, count, prelude))
  }
  return { ...medians(own, bounds), ...(await latencies(gesta, count, prelude)) }
}

/** Runs until the code is warm; returns the commands that a pass needs to take about `seconds`. */
async function warmUp(make: Make, seconds: number): Promise<number> {
  await using subject = await make()
  const enoughMs = Math.min(warmUpSeconds, seconds * 4) * 1000
  const startedAt = performance.now()
  let done = 0
  let step = 100
  let perMs = 0
  while (performance.now() - startedAt < enoughMs) {
    const stepAt = performance.now()
    await subject.run(done, step)
    perMs = step / (performance.now() - stepAt)
    done += step
    step *= 2
  }
  return Math.max(100, Math.round(perMs * seconds * 1000))
}

/** Commands per second of one pass over a fresh subject. */
async function pass(make: Make, count: number, prelude: number): Promise<number> {
  await using subject = await make()
  await subject.run(0, prelude)
  collectGarbage()
  const startedAt = performance.now()
  await subject.run(prelude, count)
  return (count * 1000) / (performance.now() - startedAt)
}

async function latencies(make: Make, count: number, prelude: number): Promise<Pick<Comparison, 'p50us' | 'p99us'>> {
  await using subject = await make()
  if (subject.time === undefined) return { p50us: undefined, p99us: undefined }
  const latenciesUs = new Float64Array(Math.min(count, latenciesMax))
  await subject.run(0, prelude)
  collectGarbage()
  await subject.time(prelude, latenciesUs.length, latenciesUs)
  latenciesUs.sort()
  return { p50us: at(latenciesUs, 0.5), p99us: at(latenciesUs, 0.99) }
}

/** `concurrency` callers, each of which sends its next command when its last one was answered. */
export async function inLanes(
  concurrency: number,
  first: number,
  count: number,
  command: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = first
  const end = first + count
  const lane = async (): Promise<void> => {
    while (next < end) await command(next++)
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}

/** The same command with its microseconds written down. */
export function timed(
  latenciesUs: Float64Array,
  first: number,
  command: (index: number) => Promise<unknown>,
): (index: number) => Promise<void> {
  return async (index) => {
    const startedAt = performance.now()
    await command(index)
    latenciesUs[index - first] = (performance.now() - startedAt) * 1000
  }
}

/** What pairs of measurements come to. */
export function medians(
  own: readonly number[],
  bounds: readonly number[],
): Pick<Comparison, 'perSec' | 'limitPerSec' | 'ratio'> {
  const ratios = own.map((perSec, round) => perSec / (bounds[round] ?? Number.NaN))
  return { perSec: quantile(own, 0.5), limitPerSec: quantile(bounds, 0.5), ratio: quantile(ratios, 0.5) }
}

export function quantile(values: readonly number[], share: number): number {
  return at(Float64Array.from(values).sort(), share)
}

function at(sorted: Float64Array, share: number): number {
  const index = Math.max(0, Math.ceil(sorted.length * share) - 1)
  // The middle of an even number of values lies between two of them.
  if (share === 0.5 && sorted.length % 2 === 0)
    return ((sorted[index] ?? Number.NaN) + (sorted[index + 1] ?? Number.NaN)) / 2
  return sorted[index] ?? Number.NaN
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What one side leaves behind is not cleaned up on the other side's time. */
export function collectGarbage(): void {
  collect()
}
