import assert from 'node:assert/strict'
import test from 'node:test'
import { systemRuntime } from '@gesta/core/host'
import type { Verification } from '@gesta/core/host'
import { sqlite } from '@gesta/sqlite'
import { answered, gesta, gestaHere } from './run-gesta.ts'
import { servedOrders } from './served-orders.ts'
import { storedOrders } from './stored-orders.ts'

const verify = ['verify', 'read-model']

/** Writes a row that no event gives, and takes one away, as a defect of a store would. */
async function spoil(path: string): Promise<void> {
  await using store = await sqlite(path).open(systemRuntime())
  const view = await store.readModels.open({ name: 'totals', modelVersion: 1, generation: 1 })
  const checkpoint = await view.checkpoint()
  assert.ok(checkpoint)
  const writes = [
    { tenant: '', key: 'A-1', value: '{"pence":1}' },
    { tenant: '', key: 'A-2', value: undefined },
  ]
  assert.ok(await view.flush({ expected: checkpoint, next: checkpoint, writes }))
}

test('a view that is right ends with 0', async () => {
  await using store = await storedOrders(4200, 500)
  const { code, stdout, stderr } = await gesta([...verify, 'totals'], store.place)
  assert.equal(code, 0, stderr)
  assert.equal(stdout, 'totals (version 1, generation 1) at position 2: 2 rows, no difference.\n')
})

test('a view that differs ends with 3, and what was expected and received is listed', async () => {
  await using store = await storedOrders(4200, 500)
  await spoil(store.path)
  const { code, stdout } = await gesta([...verify, 'totals'], store.place)
  assert.equal(code, 3)
  assert.match(stdout, /, 2 differences\.$/m)
  assert.match(stdout, /rows "A-1"\n +expected +\{"pence":4200\}\n +received +\{"pence":1\}\n/)
  assert.match(stdout, /rows "A-2"\n +expected +\{"pence":500\}\n +received +no row\n/)
})

test('--all compares every read model of the app', async () => {
  await using store = await storedOrders(4200)
  await spoil(store.path)
  const found = await answered<readonly Verification[]>([...verify, '--all'], store.place)
  assert.deepEqual(
    found.map(({ readModel, differences }) => [readModel, differences > 0]),
    [
      ['Order', false],
      ['totals', true],
    ],
  )
})

test('a read model that there is not is named', async () => {
  await using store = await storedOrders(4200)
  const { code, stderr } = await gestaHere([...verify, 'total'], store.place)
  assert.equal(code, 1)
  assert.match(stderr, /^gesta: read_model_unknown: /)
})

test('while the app runs the store is locked, and the app itself compares', async () => {
  await using served = await servedOrders(4200, 500)
  const { code, stderr } = await gesta([...verify, 'totals'], served.store.place)
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^gesta: store_locked: .* While the app runs, let it compare: --url http:\/\/127\.0\.0\.1:3100$/m,
  )
  const there = await gesta([...verify, '--all', ...served.there])
  assert.equal(there.code, 0, there.stderr)
  assert.match(there.stdout, /^Order .*no difference\.\ntotals .*no difference\.$/m)
})
