// Events that no attempt can take, set aside with what follows them for the same key: order, bound, retry, discarding, degraded rows.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, handle, query, readModel } from '@gesta/core'
import type { ReadModelOptions, RecordedEvent } from '@gesta/core'
import { z } from 'zod'
import { deposit, Deposited, makeDeposit } from '../account-domain.ts'
import { appendBeside } from '../interfering-store.ts'
import { openCluster } from './cluster.ts'
import type { Cluster, Process } from './cluster.ts'

const name = 'Account.Pence'
const ask = query('Account.Ask', { input: z.object({ id: z.string() }), result: z.array(z.int()) })
const askAll = query('Account.AskAll', { result: z.array(z.array(z.int())) })

/** A read model that lists deposits, and takes none of those that are `bad`; one row is touched by all. */
function pence(bad: Set<number>, options: ReadModelOptions = {}) {
  const listed = readModel(name, (): readonly number[] => [], {
    onFailure: 'park',
    attemptsMax: 2,
    partitionBy: ({ aggregate: { id } }: RecordedEvent) => id,
    ...options,
  }).on(
    Deposited,
    (_, { aggregate: { id } }) => id,
    (row, data) => {
      if (bad.has(data.pence)) throw new Error('bad')
      return [...row, data.pence]
    },
  )
  return domain('Account', {
    permissions: 'anonymous',
    handlers: [
      makeDeposit,
      handle(ask, async ({ id }, { read }) => [...((await read(listed).get(id)) ?? [])]),
      handle(askAll, async (_, { read }) => (await read(listed).list()).items.map((row) => [...row])),
    ],
    readModels: [listed],
  })
}
async function opened(bad: Set<number>, options?: ReadModelOptions): Promise<{ cluster: Cluster; process: Process }> {
  const cluster = await openCluster()
  return { cluster, process: await cluster.start([pence(bad, options)]) }
}
const controlOf = ({ running }: Process) => running.readModels.control(name)
const put = async ({ running }: Process, accountId: string, amount: number, tenant = '') =>
  running.dispatch(deposit({ accountId, pence: amount }), tenant === '' ? {} : { context: { targetTenant: tenant } })
const rowsOf = async (cluster: Cluster) => (await cluster.rows(name)).map((row) => row.join(' '))
const caughtUp = ({ clock }: Cluster, { running }: Process) => clock.finish(running.caughtUp())

describe('an event that is given up', () => {
  test('waits with what follows it for its key, in order, and other keys go on', async () => {
    const { cluster, process } = await opened(new Set([13]))
    for (const [id, amount] of [
      ['a', 1],
      ['a', 13],
      ['b', 2],
      ['a', 3],
      ['b', 4],
    ] as const)
      await put(process, id, amount)
    await caughtUp(cluster, process)
    assert.deepEqual(await rowsOf(cluster), [' a [1]', ' b [2,4]'])
    const parked = await controlOf(process).parked()
    assert.deepEqual(
      parked.map(({ position, tenant, key, type, rows, attempts, error }) => ({
        position,
        tenant,
        key,
        type,
        rows,
        attempts,
        error,
      })),
      [
        { position: 2, tenant: '', key: 'a', type: Deposited.type, rows: ['a'], attempts: 2, error: 'Error' },
        { position: 4, tenant: '', key: 'a', type: Deposited.type, rows: ['a'], attempts: 0, error: undefined },
      ],
    )
    const { state, parked: waiting, metrics } = controlOf(process).status()
    assert.deepEqual([state, waiting, metrics.applied, metrics.failed], ['live', 2, 3, 2])
    await put(process, 'a', 5)
    await caughtUp(cluster, process)
    assert.deepEqual(await rowsOf(cluster), [' a [1]', ' b [2,4]'])
    await process.stop()
  })

  test('is tried again when it is asked for, with what waits behind it, in order', async () => {
    const bad = new Set([13])
    const { cluster, process } = await opened(bad)
    for (const amount of [1, 13, 3, 4]) await put(process, 'a', amount)
    await caughtUp(cluster, process)
    bad.clear()
    assert.equal(await controlOf(process).retryParked({ tenant: '', key: 'nobody' }), 0)
    assert.equal(await controlOf(process).retryParked({ tenant: '', key: 'a' }), 3)
    assert.deepEqual(await rowsOf(cluster), [' a [1,13,3,4]'])
    assert.equal(controlOf(process).status().parked, 0)
    await put(process, 'a', 5)
    await caughtUp(cluster, process)
    assert.deepEqual(await rowsOf(cluster), [' a [1,13,3,4,5]'])
    await process.stop()
  })

  test('that fails again waits on, with one attempt more, and so does what is behind it', async () => {
    const bad = new Set([13, 14])
    const { cluster, process } = await opened(bad)
    for (const amount of [13, 2, 14, 3]) await put(process, 'a', amount)
    await caughtUp(cluster, process)
    assert.equal(await controlOf(process).retryParked({ tenant: '', key: 'a' }), 4)
    const attempts = async () =>
      (await controlOf(process).parked()).map((one) => [one.position, one.attempts, one.asked])
    assert.deepEqual(await attempts(), [
      [1, 3, undefined],
      [2, 0, undefined],
      [3, 0, undefined],
      [4, 0, undefined],
    ])
    bad.delete(13)
    await controlOf(process).retryParked({ tenant: '', key: 'a' })
    assert.deepEqual(await rowsOf(cluster), [' a [13,2]'])
    assert.deepEqual(await attempts(), [
      [3, 1, undefined],
      [4, 0, undefined],
    ])
    await process.stop()
  })

  test('is passed over for good with a reason, which is kept; what waits behind it is tried when asked for', async () => {
    const { cluster, process } = await opened(new Set([13]))
    for (const amount of [1, 13, 3]) await put(process, 'a', amount)
    await caughtUp(cluster, process)
    await assert.rejects(
      async () => controlOf(process).discardParked({ position: 2, reason: ' ' }),
      /Expected a reason/,
    )
    assert.equal(await controlOf(process).discardParked({ position: 2, reason: 'no such deposit' }), 1)
    assert.equal(await controlOf(process).discardParked({ position: 2, reason: 'again' }), 0)
    const [record] = await controlOf(process).parked({ discarded: true })
    assert.deepEqual([record?.position, record?.reason, record?.discarded], [2, 'no such deposit', true])
    assert.deepEqual(
      (await controlOf(process).parked()).map(({ position }) => position),
      [3],
    )
    assert.equal(await controlOf(process).retryParked({ tenant: '', key: 'a' }), 1)
    assert.deepEqual(await rowsOf(cluster), [' a [1,3]'])
    await process.stop()
  })

  test('and that cannot be read is parked like any other', async () => {
    const { cluster, process } = await opened(new Set())
    await put(process, 'b', 1)
    await appendBeside(process.log, 'Account/a', [{ type: Deposited.type, schemaVersion: 99, data: { pence: 1 } }])
    await put(process, 'b', 2)
    await caughtUp(cluster, process)
    assert.deepEqual(await rowsOf(cluster), [' b [1,2]'])
    const [parked] = await controlOf(process).parked()
    assert.deepEqual([parked?.position, parked?.key, parked?.error], [2, 'a', 'event_unreadable'])
    assert.equal(controlOf(process).status().state, 'live')
    await process.stop()
  })

  test('holds up its own tenant alone', async () => {
    const { cluster, process } = await opened(new Set([13]))
    await put(process, 'a', 13, 'one')
    await put(process, 'a', 2, 'two')
    await put(process, 'a', 3, 'one')
    await caughtUp(cluster, process)
    assert.deepEqual(await rowsOf(cluster), ['two a [2]'])
    assert.equal(await controlOf(process).retryParked({ tenant: 'two', key: 'a' }), 0)
    assert.deepEqual(
      (await controlOf(process).parked({ tenant: 'one' })).map(({ position }) => position),
      [1, 3],
    )
    const { token: after } = await put(process, 'a', 4, 'two')
    const asked = process.running.query(ask({ id: 'a' }), { after, context: { targetTenant: 'two' } })
    assert.deepEqual(await cluster.clock.finish(asked), [2, 4])
    await process.stop()
  })

  test('waits on when its process is started again', async () => {
    const bad = new Set([13])
    const { cluster, process } = await opened(bad)
    await put(process, 'a', 13)
    await caughtUp(cluster, process)
    await process.stop()
    const again = await cluster.start([pence(bad)])
    await put(again, 'a', 2)
    await put(again, 'b', 3)
    await caughtUp(cluster, again)
    assert.deepEqual(await rowsOf(cluster), [' b [3]'])
    bad.clear()
    assert.equal(await controlOf(again).retryParked({ tenant: '', key: 'a' }), 2)
    assert.deepEqual(await rowsOf(cluster), [' a [13,2]', ' b [3]'])
    await again.stop()
  })

  test('is tried again by a restore from zero, whose list begins empty', async () => {
    const bad = new Set([13])
    const { cluster, process } = await opened(bad)
    for (const amount of [13, 2]) await put(process, 'a', amount)
    await caughtUp(cluster, process)
    bad.clear()
    const { done } = await controlOf(process).restore({ fromZero: true })
    await cluster.clock.finish(done)
    assert.deepEqual(await rowsOf(cluster), [' a [13,2]'])
    assert.deepEqual(await controlOf(process).parked(), [])
    await process.stop()
  })
})

describe('a row with a parked event', () => {
  test('is degraded to who asks with a token, and to nobody else; lists and other rows are answered', async () => {
    const { cluster, process } = await opened(new Set([13]))
    await put(process, 'a', 1)
    await put(process, 'b', 2)
    const { token: after } = await put(process, 'a', 13)
    const { running } = process
    const asked = (id: string, options = {}) => cluster.clock.finish(running.query(ask({ id }), options))
    await assert.rejects(asked('a', { after }), { code: 'read_model_degraded', facts: { readModel: name } })
    assert.deepEqual(await asked('b', { after }), [2])
    assert.deepEqual(await asked('a'), [1])
    assert.deepEqual(await cluster.clock.finish(running.query(askAll(), { after })), [[1], [2]])
    await controlOf(process).discardParked({ position: 3, reason: 'a test' })
    assert.deepEqual(await asked('a', { after }), [1])
    await process.stop()
  })
})

describe('a list of parked events that is full', () => {
  test('makes the read model fail at the event that has no place, and it goes on when there is place', async () => {
    const bad = new Set([13])
    const { cluster, process } = await opened(bad, { parkedMax: 2 })
    await put(process, 'b', 1)
    const { commandId } = (await put(process, 'a', 13), await put(process, 'a', 1), await put(process, 'a', 2))
    await put(process, 'b', 5)
    await assert.rejects(caughtUp(cluster, process), { code: 'read_model_failed' })
    const { state, failedAt } = controlOf(process).status()
    assert.deepEqual([state, failedAt], ['failed', { eventId: `${commandId}.0`, type: Deposited.type, position: 4 }])
    assert.deepEqual(
      (await controlOf(process).parked()).map(({ position }) => position),
      [2, 3],
    )
    bad.clear()
    assert.equal(await controlOf(process).retryParked({ tenant: '', key: 'a' }), 2)
    await controlOf(process).start()
    await caughtUp(cluster, process)
    assert.deepEqual(await rowsOf(cluster), [' a [13,1,2]', ' b [1,5]'])
    assert.equal(controlOf(process).status().parked, 0)
    await process.stop()
  })
})

describe('what is before the event that has no place', () => {
  test('is folded once, when both come in one batch', async () => {
    const { cluster, process } = await opened(new Set([13]), { attemptsMax: 1, parkedMax: 1 })
    await caughtUp(cluster, process)
    for (const [id, amount] of [
      ['b', 13],
      ['a', 1],
      ['b', 2],
    ] as const)
      await appendBeside(cluster.backend.events, `Account/${id}`, [{ type: Deposited.type, data: { pence: amount } }])
    await cluster.until(() => controlOf(process).status().state === 'failed')
    assert.equal(controlOf(process).status().failedAt?.position, 3)
    assert.deepEqual(await rowsOf(cluster), [' a [1]'])
    await process.stop()
  })
})

describe('a flush of a retry', () => {
  for (const fault of ['refused', 'unanswered'] as const)
    test(`that is ${fault} takes the event once all the same`, async () => {
      const bad = new Set([13])
      const { cluster, process } = await opened(bad)
      for (const amount of [1, 13, 3]) await put(process, 'a', amount)
      await caughtUp(cluster, process)
      bad.clear()
      process.faults.push(fault)
      await assert.rejects(controlOf(process).retryParked({ tenant: '', key: 'a' }))
      await controlOf(process).retryParked({ tenant: '', key: 'a' })
      await cluster.clock.advance(3_000)
      await put(process, 'a', 4)
      await caughtUp(cluster, process)
      assert.deepEqual(await rowsOf(cluster), [' a [1,13,3,4]'])
      await process.stop()
    })
})
