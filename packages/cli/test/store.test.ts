import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core'
import { get, place } from './given/orders-app.ts'
import { answered, gesta, gestaHere } from './run-gesta.ts'
import { storedOrders } from './stored-orders.ts'

interface Info {
  readonly backend: string
  readonly incarnation: string
  readonly head: number
  readonly durability: string
  readonly totals: { readonly [part: string]: number }
  readonly views: readonly { readonly name: string; readonly use: string; readonly incarnation: string }[]
}
interface Forked {
  readonly from: string
  readonly to: string
  readonly viewsRemoved: number
}
const info = ['store', 'info']
const fork = ['store', 'fork', '--yes']

describe('store info', () => {
  test('tells what the store of the configuration is and holds, for people and as JSON', async () => {
    await using store = await storedOrders(4200, 500)
    const told = await answered<Info>(info, store.place)
    assert.deepEqual([told.backend, told.head, told.durability, told.totals['events']], ['sqlite', 2, 'full', 2])
    assert.deepEqual(
      told.views.map(({ name, use, incarnation }) => [name, use, incarnation]),
      [
        ['Order', 'live', 'this'],
        ['totals', 'live', 'this'],
      ],
    )
    const { code, stdout } = await gesta(info, store.place)
    assert.equal(code, 0)
    assert.ok(stdout.includes(told.incarnation), stdout)
    assert.match(stdout, /^Order +1 +1 +2 +live$/m)
  })

  test('tells of a store that the command line names, without a configuration', async () => {
    await using store = await storedOrders(4200)
    const told = await answered<Info>([...info, '--store', `sqlite:${store.path}`])
    assert.equal(told.head, 1)
  })

  test('is refused while an app runs on a SQLite store', async () => {
    await using store = await storedOrders(4200)
    await using _ = await store.start()
    const { code, stderr } = await gesta(info, store.place)
    assert.equal(code, 1)
    assert.match(stderr, /^gesta: store_locked: /)
  })
})

describe('store fork', () => {
  test('gives the log a new incarnation, and tokens of before are refused', async () => {
    await using store = await storedOrders()
    const token = await withApp(
      store,
      async (running) => (await running.dispatch(place({ orderId: 'B-1', pence: 1 }))).token,
    )
    const before = await answered<Info>(info, store.place)
    const forked = await answered<Forked>(fork, store.place)
    assert.equal(forked.from, before.incarnation)
    assert.notEqual(forked.to, forked.from)
    assert.equal((await answered<Info>(info, store.place)).incarnation, forked.to)
    await withApp(store, (running) =>
      assert.rejects(running.query(get({ orderId: 'B-1' }), { after: token }), (error) =>
        isGestaError(error, 'diverged'),
      ),
    )
  })

  test('leaves views where they are: they are diverged', async () => {
    await using store = await storedOrders(4200)
    const { stdout } = await gesta(fork, store.place)
    assert.match(stdout, /Views are diverged until they are restored from zero/)
    const { views } = await answered<Info>(info, store.place)
    assert.deepEqual(
      views.map(({ incarnation }) => incarnation),
      ['another', 'another'],
    )
  })

  test('with --rebuild-views the next start builds all views', async () => {
    await using store = await storedOrders(4200, 500)
    const { viewsRemoved } = await answered<Forked>([...fork, '--rebuild-views'], store.place)
    assert.equal(viewsRemoved, 2)
    assert.deepEqual((await answered<Info>(info, store.place)).views, [])
    await withApp(store, (running) => running.caughtUp())
    const { views } = await answered<Info>(info, store.place)
    assert.deepEqual(
      views.map(({ name, use, incarnation }) => [name, use, incarnation]),
      [
        ['Order', 'live', 'this'],
        ['totals', 'live', 'this'],
      ],
    )
  })

  test('asks first, or needs --yes where nobody can be asked, and changes nothing without', async () => {
    await using store = await storedOrders(4200)
    const before = await answered<Info>(info, store.place)
    const { code, stderr } = await gesta(['store', 'fork'], store.place)
    assert.equal(code, 2)
    assert.match(stderr, /Expected --yes/)
    const refused = await gestaHere(['store', 'fork'], { ...store.place, answer: false })
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /From then on these are refused by name[^]*gesta: failed: Nothing was changed\.\n$/)
    assert.deepEqual(await answered<Info>(info, store.place), before)
    assert.equal((await gestaHere(['store', 'fork'], { ...store.place, answer: true })).code, 0)
    assert.notEqual((await answered<Info>(info, store.place)).incarnation, before.incarnation)
  })

  test('is refused while an app runs on the store', async () => {
    await using store = await storedOrders(4200)
    await using _ = await store.start()
    const { code, stderr } = await gesta(fork, store.place)
    assert.equal(code, 1)
    assert.match(stderr, /^gesta: store_locked: .*is open for writing in process/)
  })
})

type Started = Awaited<ReturnType<Awaited<ReturnType<typeof storedOrders>>['start']>>
async function withApp<Result>(
  store: Awaited<ReturnType<typeof storedOrders>>,
  work: (running: Started) => Promise<Result>,
): Promise<Result> {
  await using running = await store.start()
  return await work(running)
}
