// The conformance suite of the fanout: what a hub promises to its clients, as cases that run in memory and over every transport.
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import { boundsCases } from './bounds.ts'
import { comingBackCases } from './coming-back.ts'
import { endingCases } from './ending.ts'
import type { FanoutCapability, FanoutPlace, GivenFanout, OpenFanout } from './given.ts'
import { showingCases } from './showing.ts'

export { createHearing, hear, hearEnd, hearNumbers, send, shown } from './given.ts'
export type { Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type {
  Asking,
  FanoutCapability,
  FanoutCase,
  FanoutPlace,
  GivenFanout,
  Heard,
  Hearing,
  Listener,
  OpenFanout,
} from './given.ts'

/** Every behaviour of a hub and its clients, for runners of one's own. */
export const fanoutSuite: Suite<GivenFanout, FanoutCapability> = {
  name: 'fanout',
  capabilities: ['stalls'],
  cases: [...showingCases, ...comingBackCases, ...endingCases, ...boundsCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes a place for each case. */
export function runFanoutSuite(
  test: TestFunction,
  newPlace: () => Promise<FanoutPlace>,
  capabilities: Capabilities<FanoutCapability>,
): void {
  runSuite(test, fanoutSuite, capabilities, async (run) => {
    const place = await newPlace()
    const opened: OpenFanout[] = []
    const open: GivenFanout['open'] = async (options = {}) => {
      const fanout = await place.open(options)
      opened.push(fanout)
      return fanout
    }
    try {
      await run({ open, runtime: place.runtime })
    } finally {
      for (const fanout of opened) await fanout[Symbol.asyncDispose]()
    }
  })
}
