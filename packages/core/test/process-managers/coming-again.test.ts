// What comes to a process a second time: an event that was parked before its place was kept, or that another version of the app has taken.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError, integrationEvent, processManager } from '@gesta/core'
import { z } from 'zod'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import { holdStore, wholeLog } from '../interfering-store.ts'
import { until } from '../pump/notes-domain.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'
import { Paid, pay, place, Placed, reserve, shopWith } from './order-domain.ts'

const idOf = (_: unknown, { aggregate: { id } }: { readonly aggregate: { readonly id: string } }): string => id

/** A place to start apps in, where no subscriber can keep how far it has come until it is let go. */
async function forgetful(): Promise<{ readonly beside: StartedApp; letGo(): void }> {
  const clock = createFakeClock()
  const runtime = fakeRuntime(clock)
  const held = await holdStore(runtime)
  let isHeld = true
  const opened = await held.backend.open(runtime)
  const readModels: typeof opened.readModels = {
    ...opened.readModels,
    open: async (name) => {
      const view = await opened.readModels.open(name)
      return {
        ...view,
        flush: async (flush) => {
          if (isHeld) throw new GestaError('store_unavailable', 'away')
          return view.flush(flush)
        },
      }
    },
  }
  const backend = { backend: 'memory', open: async () => ({ ...opened, readModels }) }
  const beside = { clock, runtime, held: { ...held, backend } } as unknown as StartedApp
  return { beside, letGo: () => void (isHeld = false) }
}

describe('an event that comes again', () => {
  test('is not taken twice when it was parked, and retried, before its place was kept', async () => {
    let isBroken = true
    const counting = processManager('Order.Counting', () => ({ seen: 0 }), { attemptsMax: 2, onFailure: 'park' }).on(
      Placed,
      idOf,
      ({ seen }) => {
        if (isBroken) throw new TypeError('no')
        return { state: { seen: seen + 1 } }
      },
    )
    const { beside, letGo } = await forgetful()
    const name = { processManager: 'Order.Counting', key: 'a' }
    const first = await startApp(shopWith([counting]), { beside })
    await first.running.dispatch(place({ orderId: 'a', pence: 5 }))
    await until(first, async () => (await first.running.processManagers.get(name)).parked.length === 1)
    isBroken = false
    assert.equal(await first.clock.finish(first.running.processManagers.retry(name)), 0)
    await first[Symbol.asyncDispose]()
    letGo()
    await using second = await startApp(shopWith([counting]), { beside })
    await until(second, () => (second.running.subscribers()[0]?.position ?? 0) > 0, 50)
    assert.deepEqual((await second.running.processManagers.get(name)).state, { seen: 1 })
  })

  test('stays given up when it was parked, and discarded, before its place was kept', async () => {
    let isBroken = true
    const counting = processManager('Order.Counting', () => ({ seen: 0 }), { attemptsMax: 1, onFailure: 'park' }).on(
      Placed,
      idOf,
      ({ seen }) => {
        if (isBroken) throw new TypeError('no')
        return { state: { seen: seen + 1 } }
      },
    )
    const { beside, letGo } = await forgetful()
    const name = { processManager: 'Order.Counting', key: 'a' }
    const first = await startApp(shopWith([counting]), { beside })
    await first.running.dispatch(place({ orderId: 'a', pence: 5 }))
    await until(first, async () => (await first.running.processManagers.get(name)).parked.length === 1)
    assert.equal(await first.clock.finish(first.running.processManagers.discard(name)), 0)
    isBroken = false
    await first[Symbol.asyncDispose]()
    letGo()
    await using second = await startApp(shopWith([counting]), { beside })
    await until(second, () => (second.running.subscribers()[0]?.position ?? 0) > 0, 50)
    const { state, parked } = await second.running.processManagers.get(name)
    assert.deepEqual([state, parked], [{ seen: 0 }, []])
  })

  for (const [what, options, keyOf] of [
    ['on whose behalf it sends', { actor: 'system' }, idOf],
    ['the keys', {}, (...given: Parameters<typeof idOf>) => `new ${idOf(...given)}`],
  ] as const)
    test(`is done when another version of the app has taken it, though this one has changed ${what}`, async () => {
      const counting = (now: typeof options | undefined, key: typeof idOf) =>
        processManager('Order.Counting', () => ({ seen: 0 }), { ...now, attemptsMax: 2 }).on(
          Placed,
          key,
          ({ seen }) => ({ state: { seen: seen + 1 } }),
        )
      const { beside, letGo } = await forgetful()
      const before = await startApp(shopWith([counting(undefined, idOf)]), { beside })
      const context = { identity: 'ann', account: 'a', session: 's' }
      await before.running.dispatch(place({ orderId: 'a', pence: 5 }), { context })
      const steps = async () => (await wholeLog(beside.held.events)).filter(({ type }) => type === 'Gesta.ProcessMoved')
      await until(before, async () => (await steps()).length === 1)
      await before[Symbol.asyncDispose]()
      letGo()
      await using now = await startApp(shopWith([counting(options, keyOf)]), { beside })
      await until(now, () => (now.running.subscribers()[0]?.position ?? 0) > 0, 50)
      assert.equal(now.running.subscribers()[0]?.state, 'live')
      assert.equal((await steps()).length, 1)
    })

  for (const isKept of [true, false])
    test(`is counted once when it is parked, ${isKept ? 'also behind another one, and not again when it is retried in vain' : 'and not again when it comes again'}`, async () => {
      const stuck = processManager('Order.Stuck', () => ({}), { attemptsMax: 1, onFailure: 'park' }).on(
        Placed,
        () => 'all',
        () => {
          throw new TypeError('no')
        },
      )
      const parkedOf = async ({ running }: StartedApp) =>
        (await running.operations.metrics()).find(({ name }) => name === 'gesta_process_parked_total')?.samples[0]
          ?.value
      const { beside, letGo } = await forgetful()
      if (isKept) letGo()
      const count = isKept ? 2 : 1
      const name = { processManager: 'Order.Stuck', key: 'all' }
      const first = await startApp(shopWith([stuck]), { beside })
      for (const orderId of ['a', 'b']) await first.running.dispatch(place({ orderId, pence: 5 }))
      await until(first, async () => (await first.running.processManagers.get(name)).parked.length === count)
      await first.clock.advance(0)
      assert.equal(await parkedOf(first), count)
      await assert.rejects(first.clock.finish(first.running.processManagers.retry(name)), TypeError)
      assert.equal(await parkedOf(first), count)
      await first[Symbol.asyncDispose]()
      letGo()
      await using second = await startApp(shopWith([stuck]), { beside })
      await until(second, async () => (await second.running.processManagers.get(name)).parked.length === 2, 50)
      await until(second, () => second.running.subscribers()[0]?.lag === 0, 50)
      assert.equal(await parkedOf(second), 2 - count)
    })

  test('is not taken for done when what it does fails with the conflict of another command', async () => {
    let isBroken = true
    const counting = processManager('Order.Counting', () => ({ seen: 0 }), { attemptsMax: 2, onFailure: 'park' }).on(
      Placed,
      idOf,
      ({ seen }) => {
        if (isBroken) throw new GestaError('command_conflict', 'taken', { facts: { commandId: 'another' } })
        return { state: { seen: seen + 1 } }
      },
    )
    await using app = await startApp(shopWith([counting]))
    const name = { processManager: 'Order.Counting', key: 'a' }
    await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
    await until(app, () => (app.running.subscribers()[0]?.position ?? 0) > 0)
    const { parked } = await app.running.processManagers.get(name)
    assert.deepEqual(
      parked.map(({ error }) => error),
      ['command_conflict'],
    )
    isBroken = false
    assert.equal(await app.clock.finish(app.running.processManagers.retry(name)), 0)
    assert.deepEqual((await app.running.processManagers.get(name)).state, { seen: 1 })
  })
})

describe('an integration event', () => {
  test('for a process with parked events waits for them, and is taken then', async () => {
    let isBroken = true
    const Delivered = integrationEvent('Carrier.Delivered', z.object({ orderId: z.string() }))
    const arriving = processManager('Order.Arriving', () => ({ steps: [] as string[] }), {
      attemptsMax: 1,
      onFailure: 'park',
    })
      .on(Placed, idOf, ({ steps }) => {
        if (isBroken) throw new TypeError('no')
        return { state: { steps: [...steps, 'placed'] } }
      })
      .on(
        Delivered,
        ({ orderId }) => orderId,
        ({ steps }) => ({ state: { steps: [...steps, 'delivered'] } }),
      )
    const value = { orderId: 'a' }
    const open: { events: object[] }[] = []
    let settled = 0
    const source = {
      receiveEventBatch: async ({ signal }: { readonly signal: AbortSignal }) => {
        const batch = open[0]
        if (batch !== undefined)
          return {
            ...batch,
            ack: async () => {
              settled++
              open.shift()
            },
            nack: async () => undefined,
          }
        return new Promise<never>((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
        )
      },
    }
    await using app = await startApp(shopWith([arriving]), { sources: [source as never] })
    await app.running.dispatch(place({ orderId: 'a', pence: 1 }))
    const name = { processManager: 'Order.Arriving', key: 'a' }
    await until(app, async () => (await app.running.processManagers.get(name)).parked.length === 1)
    await app[Symbol.asyncDispose]()
    open.push({ events: [{ id: 'e-1', category: 'integration', type: Delivered.type, value }] })
    await using again = await startApp(shopWith([arriving]), { beside: app, sources: [source as never] })
    await until(again, () => again.running.sources()[0]?.state === 'retrying', 50)
    assert.equal(settled, 0)
    assert.match(again.running.sources()[0]?.lastError ?? '', /ProcessWaits$/)
    isBroken = false
    assert.equal(await again.clock.finish(again.running.processManagers.retry(name)), 0)
    await until(again, () => settled === 1, 50)
    assert.deepEqual((await again.running.processManagers.get(name)).state, { steps: ['placed', 'delivered'] })
  })
})

describe('a step', () => {
  test('that was forgotten is a failed run', async () => {
    const forgetting = processManager('Order.Forgetting', () => ({}), { attemptsMax: 1, onFailure: 'park' }).on(
      Placed,
      idOf,
      () => undefined as never,
    )
    await using app = await startApp(shopWith([forgetting]))
    await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
    const name = { processManager: 'Order.Forgetting', key: 'a' }
    await until(app, () => (app.running.subscribers()[0]?.position ?? 0) > 0)
    await assert.rejects(app.clock.finish(app.running.processManagers.retry(name)), /to return a step such as/)
  })

  test('of a deadline whose function is gone lets it pass', async () => {
    const soon = (hasIt: boolean) => {
      const manager = processManager('Order.Soon', () => ({})).on(Placed, idOf, () =>
        hasIt ? { deadlinesMs: { unpaid: 1_000 } } : {},
      )
      return hasIt ? manager.onDeadline('unpaid', () => ({})) : manager
    }
    const first = await startApp(shopWith([soon(true)]))
    await first.running.dispatch(place({ orderId: 'a', pence: 5 }))
    const name = { processManager: 'Order.Soon', key: 'a' }
    await until(first, async () => (await first.running.processManagers.get(name)).deadlines.length === 1)
    await first[Symbol.asyncDispose]()
    await using second = await startApp(shopWith([soon(false)]), { beside: first })
    await until(second, async () => (await second.running.jobs.total({ states: ['succeeded'] })) === 1, 100)
    assert.deepEqual((await second.running.processManagers.get(name)).deadlines, [])
  })
})

describe('a deadline', () => {
  for (const [what, then, seen] of [
    ['called off', null, 1],
    ['set anew', 1_000, 2],
  ] as const)
    test(`that is ${what} by the step in which it fires passes ${seen === 1 ? 'once' : 'again'}`, async () => {
      const again = processManager('Order.Again', () => ({ seen: 0 }))
        .on(Placed, idOf, () => ({ deadlinesMs: { unpaid: 1_000 } }))
        .onDeadline('unpaid', ({ seen: before }) => ({
          state: { seen: before + 1 },
          deadlinesMs: { unpaid: before === 0 ? then : null },
        }))
      await using app = await startApp(shopWith([again]))
      await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
      const name = { processManager: 'Order.Again', key: 'a' }
      await until(app, async () => (await app.running.processManagers.get(name)).version === 1)
      for (let second = 0; second < 5; second++) await app.clock.advance(1_000)
      const { state, deadlines } = await app.running.processManagers.get(name)
      assert.deepEqual([state, deadlines], [{ seen }, []])
    })
})

test('the same command sent twice in one step, and rejected, comes back twice', async () => {
  const twice = processManager('Stock.Twice', () => ({ no: 0 }))
    .on(Paid, idOf, (_, __, { aggregate: { id } }) => ({
      send: [reserve({ orderId: id, pieces: 9 }), reserve({ orderId: id, pieces: 9 })],
    }))
    .onRejected(reserve, ({ no }) => ({ state: { no: no + 1 } }))
  await using app = await startApp(shopWith([twice]))
  await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
  await app.running.dispatch(pay({ orderId: 'a' }))
  const name = { processManager: 'Stock.Twice', key: 'a' }
  await until(app, async () => (await app.running.jobs.total({ states: ['succeeded'] })) === 2)
  assert.deepEqual((await app.running.processManagers.get(name)).state, { no: 2 })
})
