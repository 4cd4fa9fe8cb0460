// What the rules make of the whole file. It is not in the repository: name it with SHOP_DATA=/path/to/online-retail-30k.csv
import { describe, it } from 'node:test'
import { importTwice } from './import-twice.ts'
import { pinnedFullFile } from './pinned-counts.ts'

const file = process.env['SHOP_DATA'] ?? ''
const skip = file === '' ? 'SHOP_DATA names no file' : false

describe('the full file', () => {
  it('comes to the pinned counts, and adds nothing when it is imported again', { skip }, async () => {
    await importTwice(file, pinnedFullFile, 64)
  })
})
