import { describe, test } from 'node:test'
import { runAuditLogSuite } from '@gesta/core/conformance/audit-log'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runAuditLogSuite(test, () => newPlace({ allowRewriting: true }), { durable: true, rewriting: true })
})
