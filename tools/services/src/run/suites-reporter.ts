// A reporter of node:test that writes down which conformance suites ran, and from which file.
import type { TestEvent } from 'node:test/reporters'
import { pathInRun } from './record.ts'
import type { SuiteRun } from './record.ts'

/** The title of the one test that every run of a suite has: packages/core/src/conformance/suite.ts. */
const titleOfSuite = /^(.+): every capability has cases and is declared$/

async function* reportSuites(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const suite = titleOfSuite.exec(data.name)?.[1]
    if (suite === undefined) continue
    const run: SuiteRun = { suite, file: data.entryFile && pathInRun(data.entryFile) }
    yield `${JSON.stringify(run)}\n`
  }
}

// oxlint-disable-next-line import/no-default-export -- node:test takes a reporter from the default export.
export { reportSuites as default }
