import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isGestaError, readOnly } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { cancel, get, place, shop } from './shop.ts'

const folder = await mkdtemp(join(tmpdir(), 'shop-'))
const store = sqlite(join(folder, 'shop.db'))
{
  await using running = await shop.start({ store })
  await running.dispatch(place({ orderId: 'A-1', pence: 4200 }))
}
{
  await using running = await shop.start({ store: readOnly(store) })
  await running.caughtUp()
  console.log(await running.query(get({ orderId: 'A-1' })))
  try {
    await running.dispatch(cancel({ orderId: 'A-1', reason: 'mistake' }))
  } catch (error) {
    if (!isGestaError(error, 'store_read_only')) throw error
    console.log(error.code, error.facts['store'], error.facts['operation'])
  }
}
await rm(folder, { recursive: true })
