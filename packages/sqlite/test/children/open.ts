// Opens a store, as an ordinary user where root started it, and prints the code of the error, or "open".
import { findGestaError } from '@gesta/core/ports'
import { sqlite } from '../../src/index.ts'
import { runtime } from '../place.ts'

if (process.getuid?.() === 0) process.setuid?.(65_534)
try {
  await sqlite(process.argv[2] ?? '').open(runtime)
  console.log('open')
} catch (error) {
  console.log(findGestaError(error)?.code ?? String(error))
}
process.exit()
