import test from 'node:test'
import { runReadOnlySuite } from '@gesta/core/conformance/read-only'
import { newPlace } from './place.ts'

runReadOnlySuite(test, () => newPlace({ allowRewriting: true }))
