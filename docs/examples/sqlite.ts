import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '@gesta/sqlite'
import { get, place, shop } from './shop.ts'

const folder = await mkdtemp(join(tmpdir(), 'shop-'))
const store = sqlite(join(folder, 'shop.db'))

{
  await using running = await shop.start({ store })
  await running.dispatch(place({ orderId: 'A-1', pence: 4200 }))
}
// The block has ended, so the app has stopped and the file is closed. The next start finds what was stored.
{
  await using running = await shop.start({ store })
  await running.caughtUp()
  console.log(await running.query(get({ orderId: 'A-1' })))
}
await rm(folder, { recursive: true })
