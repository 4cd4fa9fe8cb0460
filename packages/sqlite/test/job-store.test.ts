import { join } from 'node:path'
import { test } from 'node:test'
import { runJobStoreSuite } from '@gesta/core/conformance/job-store'
import type { JobStorePlace } from '@gesta/core/conformance/job-store'
import { sqlite } from '../src/index.ts'
import { newFolder, runtime } from './place.ts'

runJobStoreSuite(test, newPlace, {
  durable: true,
  rewriting: true,
  shared: 'one process has a SQLite store open',
})

/** Time is what the process says it is, so that nobody waits for it. */
async function newPlace(): Promise<JobStorePlace> {
  const folder = await newFolder()
  let movedUs = 0
  const clock = { ...runtime.clock, nowUs: () => runtime.clock.nowUs() + movedUs }
  return {
    open: () => sqlite(join(folder.path, 'store.db'), { allowRewriting: true }).open({ ...runtime, clock }),
    remove: async () => folder[Symbol.asyncDispose](),
    pass: async (ms) => {
      movedUs += ms * 1000
    },
  }
}
