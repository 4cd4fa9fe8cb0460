// Opens a store, prints "open" or the code of the error, and stays until it is killed.
import { findGestaError } from '@gesta/core/ports'
import { sqlite } from '../../src/index.ts'
import { runtime } from '../place.ts'

try {
  await sqlite(process.argv[2] ?? '').open(runtime)
  console.log('open')
} catch (error) {
  console.log(findGestaError(error)?.code ?? String(error))
}
setInterval(() => undefined, 60_000)
