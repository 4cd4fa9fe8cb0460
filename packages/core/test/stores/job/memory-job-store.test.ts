import { test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { runJobStoreSuite } from '../../../src/conformance/job-store/index.ts'
import { memory } from '../../../src/stores/memory-backend.ts'
import { runtime } from '../runtime.ts'

const backend = memory({ allowRewriting: true })

runJobStoreSuite(test, async () => ({ open: () => backend.open(runtime), remove: async () => undefined, pass }), {
  durable: 'memory ends with its process',
  rewriting: true,
  shared: 'memory belongs to one process',
})
