// A shop that imports file after file, in a process of its own, and tells after each how long it took and what it holds.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { embedded } from '@gesta/example-shop/embedded'
import { runImport } from '@gesta/example-shop/run-import'

export interface Imported {
  readonly ms: number
  readonly newEvents: number
  readonly residentBytes: number
}

const [dataDir = '', ...files] = process.argv.slice(2)
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

await using target = await embedded(dataDir)
for (const file of files) {
  const startedAt = performance.now()
  const { newEvents } = await runImport({ file, target })
  const ms = performance.now() - startedAt
  // What could be collected is no growth.
  collect()
  const imported: Imported = { ms, newEvents, residentBytes: process.memoryUsage.rss() }
  process.send?.(imported)
}
