import test from 'node:test'
import { runCommandLogSuite } from '@gesta/core/conformance/command-log'
import { newPlace } from './place.ts'

runCommandLogSuite(test, () => newPlace({ allowRewriting: true }), { durable: true, rewriting: true })
