// The command log that commits leave keeps the promises of the port.
import { describe, test } from 'node:test'
import { runCommandLogSuite } from '@gesta/core/conformance/command-log'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runCommandLogSuite(test, () => newPlace({ allowRewriting: true }), { durable: true, rewriting: true })
})
