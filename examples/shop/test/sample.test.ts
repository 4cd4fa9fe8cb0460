// What the rules make of the sample that ships with the example, exactly.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleFile } from '../src/load-sample.ts'
import { importTwice } from './import-twice.ts'
import { pinnedFullFile, pinnedSample } from './pinned-counts.ts'

describe('the sample', () => {
  it('comes to the pinned counts, and adds nothing when it is imported again', async () => {
    await importTwice(sampleFile, pinnedSample, 64)
  })
  it('leaves the same views, however many invoices are in flight', async () => {
    assert.equal(await importTwice(sampleFile, pinnedSample, 1), await importTwice(sampleFile, pinnedSample, 200))
  })
  it('has everything untidy that the full file has', () => {
    assert.deepEqual(Object.keys(pinnedSample.accepted).toSorted(), Object.keys(pinnedFullFile.accepted).toSorted())
    assert.deepEqual(Object.keys(pinnedSample.rejected).toSorted(), Object.keys(pinnedFullFile.rejected).toSorted())
  })
})
