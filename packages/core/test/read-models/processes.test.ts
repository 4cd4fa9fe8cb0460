// Several processes on one store of views: one owner, takeover, fencing, and what is said in a process that is not the owner.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deposit, Deposited } from '../account-domain.ts'
import { appendBeside } from '../interfering-store.ts'
import { openCluster } from './cluster.ts'
import type { Cluster, Process } from './cluster.ts'
import { folded, ledger, trailOf } from './ledger-domain.ts'
import type { Failures } from './ledger-domain.ts'

const calm = (): Failures => ({ stopping: 0, parking: 0 })
const name = 'Account.All'
const controlOf = ({ running }: Process, model = name) => running.readModels.control(model)
const owns = (process: Process): boolean => controlOf(process).status().owned
const ask = ({ running }: Process, options = {}) => running.query(trailOf({ model: name, key: 'all' }), options)
const put = ({ running }: Process, pence = 1) => running.dispatch(deposit({ accountId: 'a', pence }))

/** Two processes, the owner first. */
async function two(failures = calm()): Promise<{ cluster: Cluster; owner: Process; other: Process }> {
  const cluster = await openCluster()
  const owner = await cluster.start([ledger(failures)])
  await cluster.until(() => owns(owner))
  const other = await cluster.start([ledger(failures)])
  await cluster.clock.advance(1_000)
  return { cluster, owner, other }
}
async function asFolded(cluster: Cluster): Promise<void> {
  const expected = await folded(cluster)
  for (const model of Object.keys(expected)) assert.deepEqual(await cluster.rows(model), expected[model], model)
}
async function atHead(cluster: Cluster): Promise<void> {
  await cluster.until(async () => {
    const head = await cluster.backend.events.head()
    for (const model of [name, 'Account.Each']) {
      const { live } = await cluster.views.plan(model, 1)
      const view = await cluster.views.open({ name: model, modelVersion: 1, generation: live?.number ?? 0 })
      if ((await view.checkpoint())?.position !== head) return false
    }
    return true
  }, 100)
}

describe('of two processes', () => {
  test('one owns a read model and writes it, and both answer what was written, with `after` too', async () => {
    const { cluster, owner, other } = await two()
    assert.deepEqual([owns(owner), owns(other)], [true, false])
    for (const process of [owner, other, owner]) {
      const { token: after } = await put(process)
      for (const asked of [owner, other])
        assert.equal((await cluster.clock.finish(ask(asked, { after })))?.events, await cluster.backend.events.head())
    }
    assert.equal(other.flushes.length, 0)
    assert.equal(controlOf(other).status().state, 'live')
    await asFolded(cluster)
    for (const process of [owner, other]) await process.stop()
  })

  test('the second takes over when the first is stopped, and no event is lost or taken twice', async () => {
    const { cluster, owner, other } = await two()
    for (let pence = 1; pence < 5; pence++) await put(owner, pence)
    const stopping = owner.stop()
    for (let pence = 5; pence < 9; pence++) await put(other, pence)
    await stopping
    await cluster.until(() => owns(other))
    await atHead(cluster)
    await asFolded(cluster)
    await other.stop()
  })

  test('the second takes over within the time of the lease when the first dies', async () => {
    const { cluster, owner, other } = await two()
    await put(owner)
    await atHead(cluster)
    owner.freeze()
    await put(other)
    const before = cluster.clock.nowUs()
    await cluster.until(() => owns(other))
    assert.ok(cluster.clock.nowUs() - before <= 13_100_000)
    await atHead(cluster)
    await asFolded(cluster)
    await other.stop()
  })

  test('the first writes nothing when it was stopped between handler and flush, and is continued after a takeover', async () => {
    const { cluster, owner, other } = await two()
    await put(owner)
    await atHead(cluster)
    owner.faults.push('frozen')
    await put(owner, 7)
    await cluster.until(() => owns(other))
    await atHead(cluster)
    const { done } = await controlOf(other).restore({ fromZero: true })
    await cluster.clock.finish(done)
    const rows = await cluster.rows(name)
    const written = owner.flushes.filter((flushed) => flushed === true).length
    await owner.thaw()
    assert.equal(owner.flushes.at(-1), false)
    await cluster.clock.advance(60_000)
    assert.equal(owner.flushes.filter((flushed) => flushed === true).length, written)
    assert.deepEqual(await cluster.rows(name), rows)
    assert.deepEqual([owns(owner), owns(other)], [false, true])
    await put(owner, 9)
    await atHead(cluster)
    await asFolded(cluster)
    for (const process of [owner, other]) await process.stop()
  })

  test('who waits in the first while it loses ownership is answered by what the second writes', async () => {
    const { cluster, owner, other } = await two()
    await put(owner)
    await atHead(cluster)
    await controlOf(owner).pause()
    const { token: after } = await put(owner)
    const waiting = ask(owner, { after })
    // Its lease is taken from it.
    const leaseName = `Gesta.ReadModel/${name}/1`
    const held = await cluster.backend.leases.holder(leaseName)
    assert.ok(held)
    await cluster.backend.leases.release(held)
    await cluster.until(() => owns(other))
    await controlOf(other).resume()
    assert.equal((await cluster.clock.finish(waiting))?.events, 2)
    for (const process of [owner, other]) await process.stop()
  })

  test('what is told to the one that is not the owner reaches the owner', async () => {
    const { cluster, owner, other } = await two()
    await put(owner)
    await atHead(cluster)
    await controlOf(other).pause()
    await cluster.clock.advance(1_500)
    const { token: after } = await put(other)
    await cluster.clock.advance(5_000)
    assert.equal(controlOf(owner).status().state, 'paused')
    assert.equal((await ask(owner))?.events, 1)
    await controlOf(other).resume()
    assert.equal((await cluster.clock.finish(ask(other, { after })))?.events, 2)
    const { done, generation } = await controlOf(other).restore({ fromZero: true })
    await cluster.clock.finish(done)
    assert.equal(controlOf(other).status().generation, generation)
    await controlOf(other).stop()
    await cluster.until(() => !owns(owner))
    await cluster.clock.advance(20_000)
    assert.deepEqual([owns(owner), owns(other)], [false, false])
    await controlOf(other).start()
    await cluster.until(() => owns(owner) || owns(other))
    await asFolded(cluster)
    for (const process of [owner, other]) await process.stop()
  })

  test('parked events are listed, tried again and passed over in the one that is not the owner', async () => {
    const failures = calm()
    const { cluster, owner, other } = await two(failures)
    failures.parking = 2
    const { token: after } = await put(other)
    await put(other, 2)
    await cluster.until(async () => (await controlOf(other, 'Account.Each').parked()).length === 2)
    const asked = other.running.query(trailOf({ model: 'Account.Each', key: 'a' }), { after })
    await assert.rejects(cluster.clock.finish(asked), { code: 'read_model_degraded' })
    assert.equal(await controlOf(other, 'Account.Each').retryParked({ tenant: '', key: 'a' }), 2)
    await cluster.until(async () => (await controlOf(other, 'Account.Each').parked()).length === 0)
    await asFolded(cluster)
    failures.parking = 2
    await put(other, 3)
    await cluster.until(async () => (await controlOf(other, 'Account.Each').parked()).length === 1)
    assert.equal(await controlOf(other, 'Account.Each').discardParked({ position: 3, reason: 'a test' }), 1)
    await cluster.until(async () => (await controlOf(other, 'Account.Each').parked({ discarded: true })).length === 1)
    for (const process of [owner, other]) await process.stop()
  })

  test('what was asked about parked events while nobody owned the view is done by the next owner', async () => {
    const failures = calm()
    const { cluster, owner, other } = await two(failures)
    failures.parking = 2
    await put(owner)
    await cluster.until(async () => (await controlOf(owner, 'Account.Each').parked()).length === 1)
    await controlOf(owner, 'Account.Each').stop()
    await cluster.clock.advance(2_000)
    assert.equal(await controlOf(other, 'Account.Each').retryParked({ tenant: '', key: 'a' }), 1)
    await cluster.clock.advance(5_000)
    await controlOf(other, 'Account.Each').start()
    await cluster.until(async () => (await controlOf(other, 'Account.Each').parked()).length === 0)
    await asFolded(cluster)
    for (const process of [owner, other]) await process.stop()
  })

  test('of an older and a newer version each is served by its own, side by side on one log', async () => {
    const cluster = await openCluster()
    await appendBeside(cluster.backend.events, 'Account/a', [{ type: Deposited.type, data: { pence: 1 } }])
    const older = await cluster.start([ledger(calm())])
    await cluster.until(() => owns(older))
    const newer = await cluster.start([ledger(calm(), { modelVersion: 2 })])
    await cluster.until(() => owns(newer) && controlOf(newer).status().state === 'live')
    assert.ok(owns(older))
    for (const process of [older, newer]) {
      const { token: after } = await put(process, 5)
      for (const asked of [older, newer])
        assert.equal((await cluster.clock.finish(ask(asked, { after })))?.events, await cluster.backend.events.head())
    }
    const expected = (await folded(cluster))[name]
    assert.deepEqual(await cluster.rows(name, 1), expected)
    assert.deepEqual(await cluster.rows(name, 2), expected)
    await controlOf(newer).pause()
    assert.equal(controlOf(older).status().state, 'live')
    for (const process of [older, newer]) await process.stop()
  })
})
