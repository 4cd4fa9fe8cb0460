// What every conformance suite is: cases as data, and the few lines that hand them to a test runner.
import assert from 'node:assert/strict'
import type { OpenBackend } from '../stores/backend.ts'

/** One behaviour of a port. `needs` names a capability that not every adapter has. */
export interface Case<Given, Capability extends string = string> {
  /** The behaviour, as a sentence about the store. */
  readonly name: string
  readonly group: string
  readonly needs?: Capability | undefined
  run(given: Given): Promise<void>
}
export interface Suite<Given, Capability extends string = string> {
  /** The port. */
  readonly name: string
  readonly capabilities: readonly Capability[]
  readonly cases: readonly Case<Given, Capability>[]
}

/** `true`, or the reason why the adapter does not have the capability; the reason is shown at each skipped case. */
export type Capabilities<Capability extends string> = { readonly [capability in Capability]: true | string }

/** A place where a backend keeps its data, empty at first. Opening it again finds what was stored. */
export interface BackendPlace {
  open(): Promise<OpenBackend>
  /** Removes the data; called when everything that was opened is closed. */
  remove(): Promise<void>
}

/** `test` of node:test, or anything that takes a name, the reason to skip (or `false`) and a function. */
export type TestFunction = (
  name: string,
  options: { readonly skip: string | false },
  run: () => Promise<void>,
) => unknown

/** Hands the cases to a test runner. A capability that no case needs is a mistake of the suite and fails. */
export function runSuite<Given, Capability extends string>(
  test: TestFunction,
  suite: Suite<Given, Capability>,
  capabilities: Capabilities<Capability>,
  within: (run: (given: Given) => Promise<void>) => Promise<void>,
): void {
  test(`${suite.name}: every capability has cases and is declared`, { skip: false }, async () => {
    for (const capability of suite.capabilities) {
      assert.ok(
        suite.cases.some(({ needs }) => needs === capability),
        `No case needs the capability ${capability}.`,
      )
      assert.ok(capabilities[capability], `Declare the capability ${capability}: true, or the reason why not.`)
    }
  })
  for (const { name, group, needs, run } of suite.cases) {
    const declared = needs === undefined ? true : capabilities[needs]
    test(`${suite.name}: ${group}: ${name}`, { skip: declared === true ? false : declared }, () => within(run))
  }
}
