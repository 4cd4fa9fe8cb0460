// One text of a row, whichever way it came about: live event by event, in batches, restored, folded cold, in another process.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aggregate, command, domain, event, handle, projection, query, readModel } from '@gesta/core'
import { z } from 'zod'
import { openCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'

const loose = z.custom<{ readonly [key: string]: null }>(() => true)
const Kept = event('Thing.Kept', z.object({ value: loose }))
const keep = command('Thing.Keep', { input: z.object({ id: z.string(), number: z.int() }) })
const ask = query('Thing.Ask', { result: z.unknown() })
const given = (number: number): unknown => ({
  number,
  at: new Date(number * 1_000),
  absent: undefined,
  zero: -0,
  nested: { nothing: null, list: [undefined, null, -0, { deep: null, gone: undefined }] },
})

/** A row keeps what an event had, and what a fold makes of it that JSON does not carry; handlers try to change what they are given. */
function things(caught: unknown[], modelVersion = 1) {
  const change = (target: unknown): void => {
    try {
      ;(target as { changed: boolean }).changed = true
    } catch (error) {
      caught.push(error)
    }
  }
  const kept = readModel('Thing.Rows', (): { readonly seen: readonly unknown[] } => ({ seen: [] }), {
    modelVersion,
  }).on(
    Kept,
    () => 'x',
    (row, data, recorded) => {
      for (const target of [data, data.value, recorded, row]) change(target)
      const { seen } = JSON.parse(JSON.stringify(row)) as { seen: unknown[] }
      return {
        seen: [...seen, data.value, recorded.recordedAt],
        extra: undefined,
        zero: -0,
        nested: { gone: undefined, nothing: null },
      }
    },
  )
  const Thing = aggregate('Thing', (): { readonly last: unknown } => ({ last: null })).on(Kept, (state, { value }) => {
    for (const target of [state, value]) change(target)
    return { last: value, gone: undefined, zero: -0 }
  })
  return domain('Thing', {
    permissions: 'anonymous',
    handlers: [
      Thing.decide(keep, 'id', (_, { number }) => [Kept({ value: given(number) as never })]),
      handle(ask, async (_, { read }) => await read(kept).get('x')),
    ],
    readModels: [kept, projection(Thing, { modelVersion })],
  })
}
const textsOf = async (cluster: Cluster, modelVersion = 1): Promise<string> =>
  JSON.stringify([await cluster.rows('Thing.Rows', modelVersion), await cluster.rows('Thing', modelVersion)])

test('a view is the same to the byte when it was live, restored, built cold, and written by two owners in turn', async () => {
  const caught: unknown[] = []
  const cluster = await openCluster()
  const first = await cluster.start([things(caught)])
  for (let number = 0; number < 5; number++) {
    await first.running.dispatch(keep({ id: 'a', number }))
    await cluster.clock.finish(first.running.caughtUp())
  }
  await first.stop()
  const second = await cluster.start([things(caught)])
  for (let number = 5; number < 9; number++) await second.running.dispatch(keep({ id: 'a', number }))
  await cluster.clock.finish(second.running.caughtUp())
  const live = await textsOf(cluster)
  assert.ok(live.includes(String.raw`\"nothing\":null`) && !live.includes('absent') && !live.includes('changed'))

  for (const name of ['Thing.Rows', 'Thing']) {
    const { done } = await second.running.readModels.control(name).restore({ fromZero: true })
    await cluster.clock.finish(done)
    assert.equal((await cluster.clock.finish(second.running.readModels.verify(name))).differences, 0)
  }
  assert.equal(await textsOf(cluster), live)
  const cold = await cluster.start([things(caught, 2)])
  await cluster.clock.finish(cold.running.caughtUp())
  assert.equal(await textsOf(cluster, 2), live)
  assert.deepEqual(await cold.running.query(ask()), await second.running.query(ask()))
  assert.ok(caught.length > 9 * 6 && caught.every((error) => error instanceof TypeError))
  for (const process of [second, cold]) await process.stop()
})
