import test from 'node:test'
import { runAuditLogSuite } from '../../../src/conformance/audit-log/index.ts'
import { memory } from '../../../src/stores/memory-backend.ts'
import { runtime } from '../runtime.ts'

const place = { open: () => memory({ allowRewriting: true }).open(runtime), remove: async () => undefined }
runAuditLogSuite(test, async () => place, { durable: 'memory ends with its process', rewriting: true })
