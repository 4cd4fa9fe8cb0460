// The verifier: what is right is found right while commands come in, and what somebody changed is listed, row by row.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deposit } from '../account-domain.ts'
import type { View } from '../../src/stores/read-model/read-model-store.ts'
import { openCluster } from './cluster.ts'
import type { Cluster, Process } from './cluster.ts'
import { ledger } from './ledger-domain.ts'
import type { Failures } from './ledger-domain.ts'

const name = 'Account.Each'
const put = ({ running }: Process, accountId: string, pence = 1) => running.dispatch(deposit({ accountId, pence }))

async function filled(
  failures: Failures = { stopping: 0, parking: 0 },
): Promise<{ cluster: Cluster; process: Process }> {
  const cluster = await openCluster()
  const process = await cluster.start([ledger(failures)])
  for (const id of ['a', 'b', 'c', 'a']) await put(process, id)
  await cluster.clock.finish(process.running.caughtUp())
  return { cluster, process }
}
async function viewOf({ views }: Cluster): Promise<View> {
  const { live } = await views.plan(name, 1)
  return views.open({ name, modelVersion: 1, generation: live?.number ?? 0 })
}

describe('the verifier', () => {
  test('finds no difference in a right view, while commands come in', async () => {
    const { cluster, process } = await filled()
    for (const model of [name, 'Account.All']) {
      const verifying = process.running.readModels.verify(model)
      for (let pence = 1; pence < 20; pence++) await put(process, 'b', pence)
      const { differences, listed, readModel, position } = await cluster.clock.finish(verifying)
      assert.deepEqual([readModel, differences, listed], [model, 0, []])
      assert.ok(position >= 4)
    }
    assert.equal((await cluster.views.views()).filter((view) => view.name.startsWith('Gesta.Verify/')).length, 0)
    await process.stop()
  })

  test('lists a row that was changed, one that was added and one that was removed, and counts those beyond its list', async () => {
    const { cluster, process } = await filled()
    const view = await viewOf(cluster)
    const place = await view.checkpoint()
    assert.ok(place)
    const [right, gone] = await view.load([
      { tenant: '', key: 'a' },
      { tenant: '', key: 'c' },
    ])
    const writes = [
      { tenant: '', key: 'a', value: '{"wrong":true}' },
      { tenant: '', key: 'c', value: undefined },
      { tenant: 'x', key: 'more', value: '1' },
    ]
    await view.flush({ expected: place, next: place, writes })
    const verify = (options = {}) => cluster.clock.finish(process.running.readModels.verify(name, options))
    const { differences, listed, position, rows } = await verify()
    assert.deepEqual([differences, position, rows], [3, 4, 4])
    assert.deepEqual(listed, [
      { table: 'rows', tenant: '', key: 'a', expected: right, received: '{"wrong":true}' },
      { table: 'rows', tenant: '', key: 'c', expected: gone, received: undefined },
      { table: 'rows', tenant: 'x', key: 'more', expected: undefined, received: '1' },
    ])
    const short = await verify({ differencesMax: 1 })
    assert.deepEqual([short.differences, short.listed.length], [3, 1])
    const { done } = await process.running.readModels.control(name).restore({ fromZero: true })
    await cluster.clock.finish(done)
    assert.equal((await verify()).differences, 0)
    await process.stop()
  })

  test('passes over what is parked and what was discarded, as the view does', async () => {
    const failures = { stopping: 0, parking: 2 }
    const { cluster, process } = await filled(failures)
    const control = process.running.readModels.control(name)
    const waiting = await control.parked()
    assert.ok(waiting.length > 0)
    const verify = () => cluster.clock.finish(process.running.readModels.verify(name))
    const before = await verify()
    assert.deepEqual([before.differences, before.passedOver], [0, waiting.length])
    await control.discardParked({ position: waiting[0]?.position ?? 0, reason: 'a test' })
    const after = await verify()
    assert.deepEqual([after.differences, after.passedOver], [0, waiting.length])
    await process.stop()
  })

  test('finds no difference when a parked event is taken while it works', async () => {
    const { cluster, process } = await filled({ stopping: 0, parking: 2 })
    const { open } = cluster.views
    let taken: number | undefined
    const retry = async (): Promise<void> => {
      taken = 0
      taken = await process.running.readModels.control(name).retryParked({ tenant: '', key: 'a' })
    }
    Object.assign(cluster.views, {
      open: async (...given: Parameters<typeof open>): Promise<View> => {
        const view = await open(...given)
        if (!given[0].name.startsWith('Gesta.Verify/')) return view
        // What is parked has been passed over by then.
        const flush: View['flush'] = async (content) => {
          const done = await view.flush(content)
          if (taken === undefined) await retry()
          return done
        }
        return { ...view, flush }
      },
    })
    const { listed, passedOver } = await cluster.clock.finish(process.running.readModels.verify(name))
    assert.equal(taken, 2)
    assert.deepEqual([listed, passedOver], [[], 0])
    await process.stop()
  })

  test('works in the process that is not the owner, and leaves nothing behind', async () => {
    const { cluster, process } = await filled()
    const other = await cluster.start([ledger({ stopping: 0, parking: 0 })])
    const { differences, position } = await cluster.clock.finish(other.running.readModels.verify(name))
    assert.deepEqual([differences, position], [0, 4])
    await assert.rejects(other.running.readModels.verify('Account.Nothing'), { code: 'read_model_unknown' })
    assert.equal((await cluster.views.views()).filter((view) => view.name.startsWith('Gesta.Verify/')).length, 0)
    for (const one of [process, other]) await one.stop()
  })
})
