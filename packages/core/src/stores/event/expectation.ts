// What a commit expects of a stream, compared with what is there; one rule for every adapter.
import type { Expectation, ReadCondition, StreamName, Verdict } from '../commit.ts'

/** Whether a stream at version `actual` (0: it does not exist) is what the commit expected. */
export function meets(expectation: Expectation, actual: number): boolean {
  if (expectation === 'any') return true
  if (expectation === 'noStream') return actual === 0
  if (expectation === 'exists') return actual > 0
  return actual === expectation
}

/** The verdict on a commit whose stream was elsewhere. */
export function conflictOf(
  { aggregateType, aggregateId, tenant }: StreamName & Pick<ReadCondition, 'tenant'>,
  expected: Expectation,
  actual: number,
): Verdict {
  const stream = { aggregateType, aggregateId, ...(tenant !== undefined && { tenant }) }
  return { verdict: 'conflict', stream, expected, actual }
}
