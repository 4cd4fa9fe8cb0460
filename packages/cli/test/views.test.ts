import assert from 'node:assert/strict'
import test from 'node:test'
import { systemRuntime } from '@gesta/core/host'
import { sqlite } from '@gesta/sqlite'
import { answered, gesta, gestaHere } from './run-gesta.ts'
import { storedOrders } from './stored-orders.ts'

interface Listed {
  readonly name: string
  readonly modelVersion: number
  readonly generation: number
  readonly use: string
  readonly newestVersion: boolean
}
const shown = async (store: Awaited<ReturnType<typeof storedOrders>>): Promise<readonly string[]> =>
  (await answered<readonly Listed[]>(['views', 'list'], store.place)).map(
    ({ name, modelVersion, generation, use, newestVersion }) =>
      `${name}.${modelVersion}.${generation} ${use}${newestVersion ? '' : ', older'}`,
  )

/** A view that no plan names, as a build that was given up leaves it. */
async function leaveBehind(path: string, modelVersion: number, generation: number): Promise<void> {
  await using store = await sqlite(path).open(systemRuntime())
  await store.readModels.open({ name: 'totals', modelVersion, generation })
}

test('views are listed with their use, those of older versions and left over ones among them', async () => {
  await using store = await storedOrders(4200)
  await leaveBehind(store.path, 1, 7)
  await leaveBehind(store.path, 2, 1)
  assert.deepEqual(await shown(store), [
    'Order.1.1 live',
    'totals.1.1 live, older',
    'totals.1.7 left over, older',
    'totals.2.1 left over',
  ])
  assert.match((await gesta(['views', 'list'], store.place)).stdout, /^totals +1 +1 +1 +live +older version$/m)
})

test('the views of an older version are removed, and nothing else', async () => {
  await using store = await storedOrders(4200)
  await leaveBehind(store.path, 2, 1)
  const { code, stdout } = await gesta(['views', 'remove', 'totals', '--version', '1'], store.place)
  assert.deepEqual([code, stdout], [0, 'Removed totals, version 1, generation 1.\n'])
  assert.deepEqual(await shown(store), ['Order.1.1 live', 'totals.2.1 left over'])
})

test('the newest version is removed only when that is meant, and built again by the next start', async () => {
  await using store = await storedOrders(4200)
  const remove = ['views', 'remove', 'totals', '--version', '1']
  const { code, stderr } = await gestaHere(remove, store.place)
  assert.equal(code, 2)
  assert.match(stderr, /Version 1 is the newest one of "totals".* Say --yes/)
  assert.equal((await gestaHere([...remove, '--yes'], store.place)).code, 0)
  assert.deepEqual(await shown(store), ['Order.1.1 live'])
  {
    await using running = await store.start()
    await running.caughtUp()
  }
  assert.deepEqual(await shown(store), ['Order.1.1 live', 'totals.1.1 live'])
})

test('a generation is removed alone when it is left over, and refused when queries read it', async () => {
  await using store = await storedOrders(4200)
  await leaveBehind(store.path, 1, 7)
  const remove = (generation: string) =>
    gesta(['views', 'remove', 'totals', '--version', '1', '--generation', generation], store.place)
  const refused = await remove('1')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /Generation 1 of "totals" is live, so it is not removed alone/)
  assert.equal((await remove('7')).code, 0)
  assert.deepEqual(await shown(store), ['Order.1.1 live', 'totals.1.1 live'])
})

test('a view that there is not is told apart from one that was removed', async () => {
  await using store = await storedOrders(4200)
  const { code, stderr } = await gesta(['views', 'remove', 'total', '--version', '1'], store.place)
  assert.equal(code, 1)
  assert.match(stderr, /There is no such view of "total" in version 1/)
})
