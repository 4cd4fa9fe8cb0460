// The conformance suite of the command log: what the port promises, as cases that every adapter runs.
import type { CommandLogStore } from '../../stores/command-log/command-log-store.ts'
import { runSuite } from '../suite.ts'
import type { BackendPlace, Capabilities, Suite, TestFunction } from '../suite.ts'
import type { CommandLogCapability, GivenCommandLog } from './given.ts'
import { headerCases } from './headers.ts'
import { listingCases } from './listing.ts'

export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { CommandLogCapability, CommandLogCase, GivenCommandLog } from './given.ts'

/** Every behaviour of the command log, for runners of one's own. */
export const commandLogSuite: Suite<GivenCommandLog, CommandLogCapability> = {
  name: 'command log',
  capabilities: ['durable', 'rewriting'],
  cases: [...headerCases, ...listingCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case, with `allowRewriting` if the adapter can. */
export function runCommandLogSuite(
  test: TestFunction,
  newPlace: () => Promise<BackendPlace>,
  capabilities: Capabilities<CommandLogCapability>,
): void {
  runSuite(test, commandLogSuite, capabilities, async (run) => {
    const place = await newPlace()
    let backend = await place.open()
    const reopen = async (): Promise<CommandLogStore> => {
      await backend[Symbol.asyncDispose]()
      backend = await place.open()
      return backend.commandLog
    }
    try {
      await run({ log: backend.commandLog, events: backend.events, reopen })
    } finally {
      await backend[Symbol.asyncDispose]()
      await place.remove()
    }
  })
}
