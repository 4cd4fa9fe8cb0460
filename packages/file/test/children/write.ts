// Replaces one object, and ends itself as a power cut would when it has come to the given step.
import { createFileDataStore } from '../../src/data-store.ts'
import { openDataFolder } from '../../src/data-folder.ts'
import { runtime } from '../place.ts'

const [path = '', bucket = '', last = ''] = process.argv.slice(2)
let step = 0
const store = createFileDataStore(await openDataFolder(path, false, runtime.clock), runtime.clock, () => {
  if (step === Number(last)) process.kill(process.pid, 'SIGKILL')
  step += 1
})
await store.set({ tenant: 't', bucket, object: 'o', contentType: 'text/csv', content: Buffer.alloc(300_000, 'n') })
await store[Symbol.asyncDispose]()
