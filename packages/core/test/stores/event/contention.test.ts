import test from 'node:test'
import { runContentionSuite } from '../../../src/conformance/event-store-contention/index.ts'
import { memory } from '../../../src/stores/memory-backend.ts'
import { runtime } from '../runtime.ts'

const oneProcess = 'memory belongs to one process'
const oneStep = 'a commit in memory is one synchronous step, which no transaction can stand in the way of'

runContentionSuite(
  test,
  async () => ({ open: () => memory().open(runtime), remove: async () => undefined, clock: runtime.clock }),
  {
    durable: 'memory ends with its process',
    manyWriters: oneProcess,
    otherReaders: oneProcess,
    heldOrder: oneStep,
    openWriter: oneStep,
    openWriterElsewhere: oneStep,
    oldReader: oneStep,
    groups: 'a commit in memory is stored at once, and waits for nothing',
  },
)
