// What operators tell a read model, what it answers, and what queries see meanwhile.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deposit, Deposited, open } from '../account-domain.ts'
import { appendBeside } from '../interfering-store.ts'
import { openCluster } from './cluster.ts'
import type { Cluster, Process } from './cluster.ts'
import { folded, ledger, trailOf } from './ledger-domain.ts'
import type { Failures } from './ledger-domain.ts'

const calm = (): Failures => ({ stopping: 0, parking: 0 })
const name = 'Account.All'
const controlOf = ({ running }: Process) => running.readModels.control(name)
const statusOf = (process: Process) => controlOf(process).status()
const ask = ({ running }: Process, options = {}) => running.query(trailOf({ model: name, key: 'all' }), options)
const put = ({ running }: Process, pence = 1) => running.dispatch(deposit({ accountId: 'a', pence }))
async function opened(failures = calm()): Promise<{ cluster: Cluster; process: Process }> {
  const cluster = await openCluster()
  const process = await cluster.start([ledger(failures)])
  return { cluster, process }
}
const many = (events: number) => Array.from({ length: events }, () => ({ type: Deposited.type, data: { pence: 1 } }))

describe('a read model', () => {
  test('is restoring until it is at the end of the log, and live once it is at the end of the log', async () => {
    const cluster = await openCluster()
    await appendBeside(cluster.backend.events, 'Account/a', many(3))
    const process = await cluster.start([ledger(calm())], { faults: ['refused', 'refused', 'refused', 'refused'] })
    assert.equal(statusOf(process).state, 'restoring')
    assert.equal(statusOf(process).generation, undefined)
    await cluster.until(() => statusOf(process).state === 'live')
    assert.deepEqual(await cluster.rows(name), (await folded(cluster))[name])
    await process.stop()
  })

  test('stands still while it is paused, keeps its owner, and goes on', async () => {
    const { cluster, process } = await opened()
    await cluster.clock.finish(put(process).then(({ token }) => ask(process, { after: token })))
    await controlOf(process).pause()
    await put(process)
    await cluster.clock.advance(30_000)
    const { state, owned, metrics } = statusOf(process)
    assert.deepEqual([state, owned, metrics.lastPosition, metrics.lagEvents], ['paused', true, 1, 1])
    assert.equal((await ask(process))?.events, 1)
    const { token } = await put(process)
    const waiting = ask(process, { after: token })
    await cluster.clock.advance(1_000)
    await controlOf(process).resume()
    assert.equal((await cluster.clock.finish(waiting))?.events, 3)
    await process.stop()
  })

  test('that is stopped has no owner, refuses who waits, and goes on when it is started', async () => {
    const { cluster, process } = await opened()
    const { token } = await put(process)
    await cluster.clock.finish(ask(process, { after: token }))
    await controlOf(process).pause()
    const { token: after } = await put(process)
    const waiting = assert.rejects(ask(process, { after }), { code: 'read_model_stopped' })
    await controlOf(process).stop()
    await waiting
    await cluster.clock.advance(20_000)
    assert.deepEqual([statusOf(process).state, statusOf(process).owned], ['stopped', false])
    assert.equal((await ask(process))?.events, 1)
    await assert.rejects(ask(process, { after }), { code: 'read_model_stopped' })
    await controlOf(process).start()
    assert.equal((await cluster.clock.finish(ask(process, { after })))?.events, 2)
    await controlOf(process).restart()
    await cluster.until(() => statusOf(process).state === 'live' && statusOf(process).owned)
    await process.stop()
  })

  for (const told of ['stop', 'pause'] as const)
    test(`stays as it was told by ${told} when its process is started again`, async () => {
      const { cluster, process } = await opened()
      await cluster.clock.finish(process.running.caughtUp())
      await controlOf(process)[told]()
      await put(process)
      await process.stop()
      const again = await cluster.start([ledger(calm())])
      await cluster.clock.advance(30_000)
      assert.equal(statusOf(again).state, told === 'stop' ? 'stopped' : 'paused')
      assert.equal(await ask(again), null)
      await controlOf(again).start()
      await cluster.clock.finish(again.running.caughtUp())
      assert.equal((await ask(again))?.events, 1)
      await again.stop()
    })

  test('counts what it was given, took, passed over and failed at, and how far it lags', async () => {
    const failures = calm()
    const { cluster, process } = await opened(failures)
    const each = () => process.running.readModels.control('Account.Each').status().metrics
    await process.running.dispatch(open({ accountId: 'a', owner: 'x' }))
    failures.parking = 1
    await put(process)
    const recordedAt = cluster.clock.nowUs()
    await cluster.clock.finish(process.running.caughtUp())
    const { processed, applied, skipped, failed, lastPosition, lagEvents, lagMs, latencyMs, lastEventAt } = each()
    assert.deepEqual(
      { processed, applied, skipped, failed, lastPosition, lagEvents, lagMs },
      { processed: 2, applied: 1, skipped: 1, failed: 1, lastPosition: 2, lagEvents: 0, lagMs: 0 },
    )
    assert.equal(Date.parse(lastEventAt ?? '') * 1000, Math.trunc(recordedAt / 1000) * 1000)
    assert.ok(latencyMs !== undefined && latencyMs.p50 <= latencyMs.p99)
    await process.running.readModels.control('Account.Each').pause()
    await put(process)
    await put(process)
    await cluster.clock.advance(500)
    assert.equal(each().lagEvents, 2)
    assert.ok(each().lagMs >= 500)
    await process.stop()
  })

  test('lags since it fell behind, however long nothing had happened before', async () => {
    const { cluster, process } = await opened()
    await put(process)
    await cluster.clock.advance(3_600_000)
    await controlOf(process).pause()
    assert.equal(statusOf(process).metrics.lagMs, 0)
    await put(process)
    await cluster.clock.advance(10)
    assert.equal(statusOf(process).metrics.lagMs, 10)
    await process.stop()
  })
})

describe('a restore', () => {
  test('from the checkpoint goes on where the view is, and resolves at the end of the log', async () => {
    const { cluster, process } = await opened()
    await put(process)
    await cluster.clock.finish(process.running.caughtUp())
    await controlOf(process).stop()
    await put(process)
    const { done, generation } = await controlOf(process).restore()
    await cluster.clock.finish(done)
    assert.equal(generation, statusOf(process).generation)
    assert.equal((await ask(process))?.events, 2)
    assert.equal(statusOf(process).metrics.applied, 2)
    await process.stop()
  })

  test('from zero builds a generation beside the live one, which queries read until then', async () => {
    const { cluster, process } = await opened()
    await appendBeside(process.log, 'Account/a', many(2))
    await cluster.clock.finish(process.running.caughtUp())
    const before = statusOf(process).generation ?? 0
    // A row that no event made shows which view is read.
    const old = await cluster.views.open({ name, modelVersion: 1, generation: before })
    const place = await old.checkpoint()
    assert.ok(place)
    process.faults.push('refused', 'refused', 'refused')
    const { done, generation } = await controlOf(process).restore({ fromZero: true })
    assert.ok(generation > before)
    await cluster.clock.advance(1)
    assert.equal(statusOf(process).state, 'restoring')
    assert.equal((await ask(process))?.events, 2)
    const { token } = await put(process)
    assert.equal((await cluster.clock.finish(ask(process, { after: token })))?.events, 3)
    await cluster.clock.finish(done)
    assert.equal(statusOf(process).generation, generation)
    assert.deepEqual(await cluster.rows(name), (await folded(cluster))[name])
    await cluster.until(() => statusOf(process).state === 'live')
    await process.stop()
  })

  test('tells how far it is, how fast, and how long it will take', async () => {
    const { cluster, process } = await opened()
    for (let commit = 0; commit < 24; commit++) await appendBeside(process.log, 'Account/a', many(500))
    await cluster.clock.finish(process.running.caughtUp())
    // It comes to a position in the middle, and stays there for a moment.
    process.faults.push(undefined, ...Array.from({ length: 20 }, () => 'refused' as const))
    const { generation, done } = await controlOf(process).restore({ fromZero: true })
    const begun = { generation, position: 0, total: 12_000, eventsPerSecond: 0, remainingMs: undefined }
    assert.deepEqual(statusOf(process).restore, begun)
    await cluster.until(() => (statusOf(process).restore?.position ?? 12_000) > 0, 0)
    await cluster.clock.advance(10)
    const { position = 0, eventsPerSecond = 0, remainingMs } = statusOf(process).restore ?? {}
    assert.ok(position > 0 && position < 12_000)
    assert.ok(Math.abs(eventsPerSecond - position / 0.01) < 1)
    assert.ok(Math.abs((remainingMs ?? 0) - ((12_000 - position) / position) * 10) < 1)
    await cluster.clock.finish(done)
    assert.equal(statusOf(process).restore, undefined)
    assert.deepEqual(await cluster.rows(name), (await folded(cluster))[name])
    await process.stop()
  })

  test('that is superseded by another rejects, and the later one resolves', async () => {
    const { cluster, process } = await opened()
    await put(process)
    await cluster.clock.finish(process.running.caughtUp())
    const first = await controlOf(process).restore({ fromZero: true })
    const second = await controlOf(process).restore({ fromZero: true })
    assert.ok(second.generation > first.generation)
    const one = assert.rejects(first.done, { code: 'read_model_stopped' })
    await cluster.clock.finish(second.done)
    await one
    assert.equal(statusOf(process).generation, second.generation)
    await process.stop()
  })

  test('that is superseded rejects in a process that sees it only when the later one is there', async () => {
    const { cluster, process } = await opened()
    await put(process)
    await cluster.until(() => statusOf(process).owned)
    const other = await cluster.start([ledger(calm())])
    await cluster.clock.advance(3_000)
    const first = await cluster.clock.finish(controlOf(other).restore({ fromZero: true }))
    const second = await controlOf(process).restore({ fromZero: true })
    await cluster.clock.finish(second.done)
    assert.equal(statusOf(other).restore?.generation, first.generation)
    await assert.rejects(cluster.clock.finish(first.done), { code: 'read_model_stopped' })
    for (const one of [process, other]) await one.stop()
  })

  test('that is cancelled rejects, and queries read what they read before', async () => {
    const { cluster, process } = await opened()
    await put(process)
    await cluster.clock.finish(process.running.caughtUp())
    const { generation } = statusOf(process)
    process.faults.push('refused', 'refused', 'refused', 'refused')
    const restoration = await controlOf(process).restore({ fromZero: true })
    const rejected = assert.rejects(restoration.done, { code: 'read_model_stopped' })
    await restoration.cancel()
    await cluster.clock.finish(rejected)
    await cluster.until(() => statusOf(process).state === 'live')
    assert.equal(statusOf(process).generation, generation)
    await restoration.cancel()
    assert.equal(statusOf(process).state, 'live')
    const { token } = await put(process)
    assert.equal((await cluster.clock.finish(ask(process, { after: token })))?.events, 2)
    await process.stop()
  })

  test('that is cancelled before there was a view stops the read model; it begins anew when it is started', async () => {
    const cluster = await openCluster()
    await appendBeside(cluster.backend.events, 'Account/a', many(3))
    const failures = calm()
    failures.stopping = 2
    const process = await cluster.start([ledger(failures)])
    await controlOf(process).cancel()
    await cluster.clock.advance(5_000)
    assert.equal(statusOf(process).state, 'stopped')
    await assert.rejects(ask(process), { code: 'read_model_stopped' })
    await controlOf(process).start()
    await cluster.until(() => statusOf(process).state === 'live')
    assert.deepEqual(await cluster.rows(name), (await folded(cluster))[name])
    await process.stop()
  })

  test('that fails says so to who waits for it, and leaves the live view alone', async () => {
    const failures = calm()
    const { cluster, process } = await opened(failures)
    const { commandId } = await put(process)
    await cluster.clock.finish(process.running.caughtUp())
    failures.stopping = 3
    const { done } = await controlOf(process).restore({ fromZero: true })
    await assert.rejects(cluster.clock.finish(done), { code: 'read_model_failed' })
    assert.deepEqual(statusOf(process).failedAt, { eventId: `${commandId}.0`, type: Deposited.type, position: 1 })
    const { token } = await put(process)
    assert.equal((await cluster.clock.finish(ask(process, { after: token })))?.events, 2)
    const again = await controlOf(process).restore({ fromZero: true })
    await cluster.clock.finish(again.done)
    assert.equal(statusOf(process).failedAt, undefined)
    assert.deepEqual(await cluster.rows(name), (await folded(cluster))[name])
    await process.stop()
  })

  test('leaves nothing of the generations before it, after readers had their time', async () => {
    const { cluster, process } = await opened()
    await put(process)
    await cluster.clock.finish(process.running.caughtUp())
    const generations = async () =>
      (await cluster.views.views()).filter((view) => view.name === name).map(({ generation }) => generation)
    const [first] = await generations()
    const { done, generation } = await controlOf(process).restore({ fromZero: true })
    await cluster.clock.finish(done)
    assert.deepEqual(await generations(), [first, generation])
    await cluster.clock.advance(11_000)
    assert.deepEqual(await generations(), [generation])
    await process.stop()
  })
})

describe('an app that stops', () => {
  test('does not wait for who waits for a read model that is paused', async () => {
    const { cluster, process } = await opened()
    await controlOf(process).pause()
    const { token: after } = await put(process)
    const waiting = assert.rejects(ask(process, { after }), { code: 'app_stopped' })
    const caughtUp = assert.rejects(process.running.caughtUp(), { code: 'app_stopped' })
    await cluster.clock.advance(100)
    await process.stop()
    await Promise.all([waiting, caughtUp])
  })

  test('does not wait for who waits for a read model whose store refuses what it writes', async () => {
    const { cluster, process } = await opened()
    await cluster.clock.finish(process.running.caughtUp())
    process.faults.push(...Array.from({ length: 1_000 }, () => 'refused' as const))
    await put(process)
    const caughtUp = assert.rejects(process.running.caughtUp(), { code: 'app_stopped' })
    await cluster.clock.advance(1_000)
    await process.stop()
    await caughtUp
    assert.ok(process.faults.length > 900)
  })
})

describe('a read model that failed', () => {
  test('has what was before the failing command, and goes on when it is started after its handler was mended', async () => {
    const failures = calm()
    const { cluster, process } = await opened(failures)
    await put(process)
    await cluster.clock.finish(process.running.caughtUp())
    failures.stopping = 1_000
    const { token: after } = await put(process)
    await assert.rejects(cluster.clock.finish(ask(process, { after })), { code: 'read_model_failed' })
    assert.equal(statusOf(process).state, 'failed')
    assert.equal(statusOf(process).failedAt?.position, 2)
    assert.equal((await ask(process))?.events, 1)
    failures.stopping = 0
    await controlOf(process).start()
    assert.equal((await cluster.clock.finish(ask(process, { after })))?.events, 2)
    assert.equal(statusOf(process).failedAt, undefined)
    assert.deepEqual(await cluster.rows(name), (await folded(cluster))[name])
    await process.stop()
  })
})

describe('a view that is not there yet', () => {
  test('is waited for, for ten seconds or until the deadline', async () => {
    const cluster = await openCluster()
    await appendBeside(cluster.backend.events, 'Account/a', many(1))
    const faults = Array.from({ length: 1_000 }, () => 'refused' as const)
    const process = await cluster.start([ledger(calm())], { faults })
    const begun = cluster.clock.nowUs()
    const waiting = assert.rejects(ask(process), { code: 'read_model_restoring' })
    await cluster.clock.finish(waiting)
    assert.equal(cluster.clock.nowUs() - begun, 10_000_000)
    await assert.rejects(cluster.clock.finish(ask(process, { deadlineMs: 2_000 })), { code: 'deadline_exceeded' })
    process.faults.length = 0
    assert.equal((await cluster.clock.finish(ask(process)))?.events, 1)
    await process.stop()
  })
})
