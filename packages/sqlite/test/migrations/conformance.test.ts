import test from 'node:test'
import { runMigrationSuite } from '@gesta/core/conformance/migrations'
import { newMigrationPlace } from './place.ts'

runMigrationSuite(test, newMigrationPlace, { holder: true, processes: true })
