// Troubles of a read model that are no fault of its own: they are told while they last, and over when they are over.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, readModel } from '@gesta/core'
import type { ReadModelOptions } from '@gesta/core'
import type { View } from '../../src/stores/read-model/read-model-store.ts'
import { deposit, Deposited, makeDeposit } from '../account-domain.ts'
import { openCluster } from './cluster.ts'
import type { Cluster, Process } from './cluster.ts'

const name = 'Account.Pence'
const pence = (options: ReadModelOptions = {}) =>
  domain('Account', {
    permissions: 'anonymous',
    handlers: [makeDeposit],
    readModels: [
      readModel(name, (): readonly number[] => [], options).on(
        Deposited,
        (_, { aggregate: { id } }) => id,
        (row, data) => [...row, data.pence],
      ),
    ],
  })
const statusOf = ({ running }: Process) => running.readModels.control(name).status()
const put = ({ running }: Process, amount: number) => running.dispatch(deposit({ accountId: 'a', pence: amount }))
const away = async (): Promise<never> => Promise.reject(new Error('away'))
async function liveOf({ views }: Cluster): Promise<View> {
  const { live } = await views.plan(name, 1)
  return views.open({ name, modelVersion: 1, generation: live?.number ?? 0 })
}

describe('a trouble', () => {
  test('with the log is over when the log answers, though nothing is new in it', async () => {
    const cluster = await openCluster()
    const process = await cluster.start([pence()])
    await put(process, 1)
    await cluster.clock.advance(3_000)
    const { readAll } = process.log
    Object.assign(process.log, { readAll: away })
    await cluster.until(() => statusOf(process).lastError !== undefined)
    Object.assign(process.log, { readAll })
    await cluster.until(() => statusOf(process).lastError === undefined)
    assert.equal(statusOf(process).state, 'live')
    await process.stop()
  })

  for (const what of ['plan', 'lease'] as const)
    test(`with the ${what} is over when the store answers, in the owner and beside it`, async () => {
      const cluster = await openCluster()
      let isAway = false
      const port = what === 'plan' ? cluster.views : cluster.backend.leases
      const method = what === 'plan' ? 'plan' : 'acquire'
      const real = Reflect.get(port, method) as (...given: unknown[]) => Promise<unknown>
      Object.assign(port, { [method]: async (...given: unknown[]) => (isAway ? away() : real(...given)) })
      const owner = await cluster.start([pence()])
      await cluster.until(() => statusOf(owner).owned)
      const other = await cluster.start([pence()])
      await cluster.clock.advance(3_000)
      isAway = true
      await cluster.until(() => statusOf(other).lastError !== undefined)
      isAway = false
      const both = [owner, other]
      await cluster.until(() => both.every((one) => statusOf(one).lastError === undefined))
      for (const one of both) assert.equal(statusOf(one).state, 'live')
      for (const one of both) await one.stop()
    })
})

describe('a view that somebody else has claimed', () => {
  test('is no fault of statements that were to be written to it', async () => {
    const cluster = await openCluster()
    const { open } = cluster.views
    Object.assign(cluster.views, {
      dialect: 'sqlite',
      open: async (view: Parameters<typeof open>[0]): Promise<View> => ({
        ...(await open(view)),
        table: (table) => table,
      }),
    })
    const process = await cluster.start([pence({ tables: { names: ['x'], create: () => [] } })])
    await cluster.until(() => statusOf(process).owned)
    await put(process, 1)
    await cluster.clock.finish(process.running.caughtUp())
    await (await liveOf(cluster)).claim(1_000)
    await put(process, 2)
    const flushes = process.flushes.length
    await cluster.until(() => process.flushes.length > flushes + 10)
    assert.ok(process.flushes.slice(flushes).every((done) => done === false))
    const { state, metrics } = statusOf(process)
    assert.deepEqual([state, metrics.failed], ['live', 0])
    await process.stop()
  })
})
