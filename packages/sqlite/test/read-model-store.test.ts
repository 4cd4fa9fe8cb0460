import test from 'node:test'
import { runReadModelStoreSuite } from '@gesta/core/conformance/read-model-store'
import { newPlace } from './place.ts'

runReadModelStoreSuite(test, newPlace, { durable: true, sql: true })
