import test from 'node:test'
import { runAuditLogSuite } from '@gesta/core/conformance/audit-log'
import { newPlace } from './place.ts'

runAuditLogSuite(test, () => newPlace({ allowRewriting: true }), { durable: true, rewriting: true })
