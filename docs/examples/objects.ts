import { shop } from './shop.ts'

await using running = await shop.start()
const { data } = running.stores
const report = { tenant: '', bucket: 'exports', object: '2026-11.csv' }

await data.set({ ...report, contentType: 'text/csv', content: Buffer.from('order,pence\nA-1,4200\n') })
await data.copy(report, { bucket: 'archive', object: '2026-11.csv' })

const { items } = await data.list({ tenant: '', prefix: '2026-' })
for (const { bucket, object, bytes } of items) console.log(`${bucket}/${object}: ${bytes} bytes`)
