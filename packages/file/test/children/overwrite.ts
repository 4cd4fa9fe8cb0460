// Writes one object again and again, each time with another letter and another length, until it is ended.
import { fileData } from '../../src/index.ts'
import { runtime } from '../place.ts'

const [path = ''] = process.argv.slice(2)
const store = await fileData(path).open(runtime)
for (let round = 0; ; round += 1) {
  const content = Buffer.alloc(100_000 + round, String.fromCodePoint(97 + (round % 26)))
  await store.set({ tenant: 't', bucket: 'b', object: 'o', contentType: 'text/plain', content })
  if (round === 0) console.log('writing')
}
