import test from 'node:test'
import { runEventStoreSuite } from '@gesta/core/conformance/event-store'
import { newPlace } from './place.ts'

runEventStoreSuite(test, () => newPlace({ allowRewriting: true }), { durable: true, rewriting: true })
