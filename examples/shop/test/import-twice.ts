// The import of one file into a new shop in memory, and once more.
import assert from 'node:assert/strict'
import { into } from '../src/import/in-process.ts'
import { runImport } from '../src/import/run-import.ts'
import { shop } from '../src/shop.ts'
import { countsOf, pinnedCounts } from './counts-of.ts'
import type { Pinned } from './pinned-counts.ts'
import { countingTraits } from './traits-of.ts'
import { viewsOf } from './views.ts'

/** The views that are left. */
export async function importTwice(file: string, pinned: Pinned, concurrency: number): Promise<string> {
  await using running = await shop.start({ role: 'web' })
  const target = countingTraits(into(running, 'memory'))
  assert.deepEqual(countsOf(await runImport({ file, target, concurrency })), pinnedCounts(pinned))
  assert.deepEqual(target.accepted, pinned.accepted)
  const views = await viewsOf(running, file)
  assert.deepEqual(countsOf(await runImport({ file, target, concurrency })), { ...pinnedCounts(pinned), events: 0 })
  assert.equal(await viewsOf(running, file), views)
  return views
}
