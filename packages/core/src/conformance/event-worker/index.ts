// The conformance suite of the event worker: what it promises, as cases. The reference page names them beside each promise.
import { runSuite } from '../suite.ts'
import type { Suite, TestFunction } from '../suite.ts'
import { failureCases } from './failures.ts'
import type { GivenEventWorker } from './given.ts'
import { loopCases } from './loop.ts'
import { observingCases } from './observing.ts'
import { repetitionCases } from './repetitions.ts'
import { stoppingCases } from './stopping.ts'

export type { Case, Suite, TestFunction } from '../suite.ts'
export type { EventWorkerCase, GivenEventWorker } from './given.ts'

/** Every behaviour of the event worker, for runners of one's own. */
export const eventWorkerSuite: Suite<GivenEventWorker> = {
  name: 'event worker',
  capabilities: [],
  cases: [...loopCases, ...repetitionCases, ...failureCases, ...stoppingCases, ...observingCases],
}

/** Runs the suite with node:test or alike. */
export function runEventWorkerSuite(test: TestFunction, given: GivenEventWorker): void {
  runSuite(test, eventWorkerSuite, {}, (run) => run(given))
}
