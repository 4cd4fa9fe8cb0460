// Views that took a person's data are built again when the person is erased, wherever that was said, and whatever is being built.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, handle, query, readModel } from '@gesta/core'
import { z } from 'zod'
import { customerDomain, encryption, order, register, Touched, touch } from '../erasure/customers.ts'
import { openCluster } from './cluster.ts'
import type { Cluster, Process } from './cluster.ts'

const name = 'Customer.Names'
const secretName = 'Ann Applewhite'
/** Takes no event with personal fields. */
const touches = readModel('Visit.Touches', () => 0).on(
  Touched,
  () => 'all',
  (row) => row + 1,
)
const countTouches = query('Visit.Count', { result: z.int() })
const visits = domain('Visit', {
  permissions: 'anonymous',
  handlers: [handle(countTouches, async (_, { read }) => (await read(touches).get('all')) ?? 0)],
  readModels: [touches],
})
const start = (cluster: Cluster) => cluster.start([customerDomain, visits], { encryption })
const generationOf = ({ running }: Process, model: string) => running.readModels.control(model).status().generation ?? 0

async function opened(disturb?: (cluster: Cluster) => void): Promise<{ cluster: Cluster; process: Process }> {
  const cluster = await openCluster()
  disturb?.(cluster)
  const process = await start(cluster)
  await process.running.dispatch(register({ customerId: 'ann', name: secretName }))
  await process.running.dispatch(register({ customerId: 'bob', name: 'Bob' }))
  await process.running.dispatch(touch({ customerId: 'ann' }))
  await process.running.dispatch(order({ orderId: 'o', customerId: 'ann', address: { street: secretName, zip: '1' } }))
  await cluster.clock.finish(process.running.caughtUp())
  return { cluster, process }
}
const erase = (cluster: Cluster, { running }: Process) =>
  cluster.clock.finish(running.erase({ subject: 'ann', reason: 'asked for it' }))

/** Until no view that there is holds the person's data. */
async function forgotten(cluster: Cluster): Promise<void> {
  await cluster.until(async () => {
    for (const model of ['Customer.Names', 'Customer.Known', 'Customer'])
      if (JSON.stringify(await cluster.rows(model)).includes(secretName)) return false
    return true
  }, 100)
  await cluster.clock.advance(15_000)
  for (const found of await cluster.views.views()) {
    const view = await cluster.views.open(found)
    assert.ok(!JSON.stringify(await view.scan()).includes(secretName), `${found.name} ${found.generation}`)
  }
  assert.ok(JSON.stringify(await cluster.rows(name)).includes('Bob'))
}

describe('after an erasure', () => {
  test('views with personal events are built again, and others are not', async () => {
    const { cluster, process } = await opened()
    assert.ok(JSON.stringify(await cluster.rows(name)).includes(secretName))
    const [personal, other] = [generationOf(process, name), generationOf(process, 'Visit.Touches')]
    await erase(cluster, process)
    await forgotten(cluster)
    assert.ok(generationOf(process, name) > personal)
    assert.equal(generationOf(process, 'Visit.Touches'), other)
    const settled = generationOf(process, name)
    await cluster.clock.advance(30_000)
    assert.equal(generationOf(process, name), settled, 'once')
    await process.stop()
  })

  test('that happens while a view is being built, it is built once more', async () => {
    const { cluster, process } = await opened()
    const control = process.running.readModels.control(name)
    process.faults.push(...Array.from({ length: 8 }, () => 'refused' as const))
    const { done } = await control.restore({ fromZero: true })
    await cluster.clock.advance(1)
    await erase(cluster, process)
    await cluster.clock.finish(done)
    await forgotten(cluster)
    await process.stop()
  })

  test('that another process made, the owner builds its views again', async () => {
    const { cluster, process } = await opened()
    const other = await start(cluster)
    await erase(cluster, other)
    await forgotten(cluster)
    for (const one of [process, other]) await one.stop()
  })

  test('that was made while the view was stopped, it is built again when it is started', async () => {
    const { cluster, process } = await opened()
    const control = process.running.readModels.control(name)
    await control.stop()
    await cluster.clock.advance(100)
    await erase(cluster, process)
    await cluster.clock.advance(5_000)
    await control.start()
    await forgotten(cluster)
    await process.stop()
  })

  test('that happens while the pointer is being moved, the view is built once more', async () => {
    const moved = Promise.withResolvers<void>()
    let before = Number.POSITIVE_INFINITY
    let isMoving = false
    const { cluster, process } = await opened(({ views }) => {
      const { changePlan } = views
      Object.assign(views, {
        changePlan: async (...given: Parameters<typeof changePlan>) => {
          const [model, , { live }] = given
          if (model === name && (live?.number ?? 0) > before) {
            isMoving = true
            await moved.promise
          }
          return changePlan(...given)
        },
      })
    })
    before = generationOf(process, name)
    await process.running.readModels.control(name).restore({ fromZero: true })
    await cluster.until(() => isMoving)
    await erase(cluster, process)
    // Whatever follows the log has passed the erasure.
    await cluster.clock.advance(300)
    moved.resolve()
    await forgotten(cluster)
    await process.stop()
  })

  test('whose build was cancelled, the view is built all the same', async () => {
    const { cluster, process } = await opened()
    const control = process.running.readModels.control(name)
    const before = generationOf(process, name)
    const { open } = cluster.views
    let isClosed = true
    Object.assign(cluster.views, {
      open: async (...given: Parameters<typeof open>) => {
        if (isClosed && given[0].name === name && given[0].generation > before) throw new Error('not now')
        return open(...given)
      },
    })
    await erase(cluster, process)
    await cluster.until(() => control.status().restore !== undefined && control.status().metrics.lagEvents === 0, 1)
    await cluster.clock.finish(control.cancel())
    isClosed = false
    await forgotten(cluster)
    await process.stop()
  })
})
