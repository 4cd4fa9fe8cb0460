import test from 'node:test'
import { runCommandLogSuite } from '../../../src/conformance/command-log/index.ts'
import { memory } from '../../../src/stores/memory-backend.ts'
import { runtime } from '../runtime.ts'

const place = { open: () => memory({ allowRewriting: true }).open(runtime), remove: async () => undefined }
runCommandLogSuite(test, async () => place, { durable: 'memory ends with its process', rewriting: true })
