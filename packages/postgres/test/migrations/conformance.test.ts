import { describe, test } from 'node:test'
import { runMigrationSuite } from '@gesta/core/conformance/migrations'
import { skip } from '../place.ts'
import { newMigrationPlace } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runMigrationSuite(test, newMigrationPlace, { holder: true, processes: true })
})
