import test from 'node:test'
import { runEventStoreSuite } from '../../../src/conformance/event-store/index.ts'
import { memory } from '../../../src/stores/memory-backend.ts'
import { runtime } from '../runtime.ts'

runEventStoreSuite(
  test,
  async () => ({ open: () => memory({ allowRewriting: true }).open(runtime), remove: async () => undefined }),
  {
    durable: 'memory ends with its process',
    rewriting: true,
  },
)
