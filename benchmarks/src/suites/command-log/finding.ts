// Finding as a subject of measurement: another correlation each time, in no order, with all of its records.
import { correlationOf, recordsPerCorrelation } from '../../command-records.ts'
import { inLanes, timed } from '../../measure.ts'
import type { Subject } from '../../measure.ts'

/** Before each pass. */
export const warmUpQuestions = 100
/** Shares no factor with any number of correlations, so that all come before one comes again. */
const step = 100_003

/** `find` says how many records a correlation has, of which there are so many. */
export function finding(find: (correlationId: string) => Promise<number>, correlations: number): Subject {
  const ask = async (index: number): Promise<void> => {
    const found = await find(correlationOf((index * step) % correlations))
    if (found !== recordsPerCorrelation)
      throw new Error(`Expected ${recordsPerCorrelation} records, ${found} were found.`)
  }
  return {
    run: (first, count) => inLanes(1, first, count, ask),
    time: (first, count, latenciesUs) => inLanes(1, first, count, timed(latenciesUs, first, ask)),
    [Symbol.asyncDispose]: async () => undefined,
  }
}
