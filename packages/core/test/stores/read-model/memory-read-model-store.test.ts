import test from 'node:test'
import { runReadModelStoreSuite } from '../../../src/conformance/read-model-store/index.ts'
import { memory } from '../../../src/stores/memory-backend.ts'
import { runtime } from '../runtime.ts'

runReadModelStoreSuite(test, async () => ({ open: () => memory().open(runtime), remove: async () => undefined }), {
  durable: 'memory ends with its process',
  sql: 'there is no SQL in memory',
})
