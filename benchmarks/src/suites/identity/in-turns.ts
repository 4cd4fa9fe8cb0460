// Two ways of doing work that is too slow for thousands of repetitions: pass by pass in turns, on subjects that stay the same.
import { collectGarbage, medians } from '../../measure.ts'
import type { Comparison } from '../../measure.ts'

/** What one pass does, so many times. */
export type Pass = (count: number) => Promise<unknown>

/** `prepare` comes before each pair, outside of what is measured. */
export async function inTurns(
  { own, bound, prepare }: { readonly own: Pass; readonly bound: Pass; readonly prepare?: Pass },
  rounds: number,
  count: number,
): Promise<Comparison> {
  const measured = async (pass: Pass): Promise<number> => {
    collectGarbage()
    const startedAt = performance.now()
    await pass(count)
    return (count * 1000) / (performance.now() - startedAt)
  }
  const [owns, bounds]: [number[], number[]] = [[], []]
  // The first round warms both, and counts for nothing.
  for (let round = -1; round < rounds; round++) {
    await prepare?.(count)
    const first = round % 2 === 0
    const before = first ? await measured(bound) : undefined
    const taken = await measured(own)
    const bare = before ?? (await measured(bound))
    if (round < 0) continue
    owns.push(taken)
    bounds.push(bare)
  }
  return { ...medians(owns, bounds), p50us: undefined, p99us: undefined }
}

/** One after the other. */
export function repeated(once: () => Promise<unknown>): Pass {
  return async (count) => {
    for (let done = 0; done < count; done++) await once()
  }
}
