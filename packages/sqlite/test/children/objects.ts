// Stores objects until it is ended, and prints the number of each that was stored.
import { sqlite } from '../../src/index.ts'
import { runtime } from '../place.ts'

const [path = ''] = process.argv.slice(2)
const { data } = await sqlite(path).open(runtime)
for (let number = 1; ; number += 1) {
  const at = { tenant: 't', bucket: 'b', object: String(number) }
  await data.set({ ...at, contentType: 'text/plain', content: Buffer.alloc(20_000 + number, String(number % 10)) })
  console.log(number)
}
