// Stores a small object, and then one in its place that is larger than the system lets this process write; prints what came of it.
import { isGestaError } from '@gesta/core/ports'
import { fileData } from '../../src/index.ts'
import { runtime } from '../place.ts'

// The signal that comes with the refusal would end the process.
process.on('SIGXFSZ', () => undefined)
const [path = ''] = process.argv.slice(2)
const store = await fileData(path).open(runtime)
const at = { tenant: 't', bucket: 'b', object: 'o', contentType: 'text/plain' }
await store.set({ ...at, content: Buffer.from('small') })
try {
  await store.set({ ...at, content: new Uint8Array(10_000_000) })
  console.log('stored')
} catch (error) {
  console.log(isGestaError(error) ? error.code : String(error))
}
await store.set({ ...at, object: 'p', content: Buffer.from('goes on') })
await store[Symbol.asyncDispose]()
