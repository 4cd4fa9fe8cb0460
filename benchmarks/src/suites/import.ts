// What an import costs: the shop takes in ten files of orders that it has never seen, one after the other in one process. Its
// later files stand beside its second: in lines per second, and in MiB of resident memory.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Imported } from '../load/importer.ts'
import { rowOf } from '../row.ts'
import { newFolder } from '../scratch.ts'
import type { Suite } from './suite.ts'

const files = 10
/** The first one warms up. */
const baseline = 1
const mib = 1024 * 1024
const sample = new URL('../../../examples/shop/data/online-retail-sample.csv', import.meta.url)

export const imports: Suite = async function* ({ scratch, importLines }) {
  const folder = newFolder(scratch)
  const orders = readFileSync(sample, 'utf8').trimEnd().split('\n')
  const copies = Math.max(1, Math.round(importLines / (orders.length - 1)))
  const lines = copies * (orders.length - 1)
  const paths = Array.from({ length: files }, (_, at) => {
    const path = join(folder, `orders-${at}.csv`)
    writeFileSync(path, freshOrders(orders, at * copies, copies))
    return path
  })
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  const imported = await importAll(dataDir, paths)
  const [before, after] = [imported[baseline], imported.at(-1)]
  if (before === undefined || after === undefined || imported.length !== files)
    throw new Error(`Expected ${files} imports, ${imported.length} were made.`)

  const perSec = (lines * 1000) / after.ms
  const limitPerSec = (lines * 1000) / before.ms
  const untimed = { p50us: undefined, p99us: undefined }
  yield rowOf('import', 'sqlite lines, 10th file against 2nd', 'full', {
    perSec,
    limitPerSec,
    ratio: perSec / limitPerSec,
    ...untimed,
  })
  yield rowOf('import', 'sqlite resident MiB, 10th against 2nd', 'full', {
    perSec: after.residentBytes / mib,
    limitPerSec: before.residentBytes / mib,
    ratio: after.residentBytes / before.residentBytes,
    ...untimed,
  })
}

/** The sample's orders, several times over: no copy shares an invoice or a customer with another. */
function freshOrders([head = '', ...rows]: readonly string[], firstCopy: number, copies: number): string {
  const text = [head]
  for (let copy = firstCopy; copy < firstCopy + copies; copy++)
    for (const row of rows)
      text.push(row.replace(/^([A-Z]?)(?=\d)/, `$1${copy}`).replace(/(?<=,)(?=\d+\.0,[^,]*$)/, `${copy}`))
  return `${text.join('\n')}\n`
}

async function importAll(dataDir: string, paths: readonly string[]): Promise<readonly Imported[]> {
  const child = fork(new URL('../load/importer.ts', import.meta.url), [dataDir, ...paths])
  const imported: Imported[] = []
  child.on('message', (message) => imported.push(message as Imported))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`Expected the import to end with 0, it ended with ${code}.`)
  return imported
}
