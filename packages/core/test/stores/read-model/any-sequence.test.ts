// Any sequence of flushes, claims, parked events, requests and resets leaves a view as a plain model of it says.
import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { memoryViews } from '../../../src/stores/read-model/memory-views.ts'
import type { ParkedEvent, ParkedRequest } from '../../../src/stores/read-model/parked-event.ts'
import type { Flush, KeyedRow, RowWrite, View } from '../../../src/stores/read-model/read-model-store.ts'
import { runtime } from '../runtime.ts'

interface Model {
  readonly rows: readonly KeyedRow[]
  readonly parked: readonly ParkedEvent[]
  readonly position: number
  readonly fence: number
}
type Step =
  | { readonly do: 'flush'; readonly ahead: number; readonly flush: Omit<Flush, 'expected' | 'next'> }
  | { readonly do: 'claim'; readonly token: number }
  | { readonly do: 'ask'; readonly request: ParkedRequest }
  | { readonly do: 'reset' }

const at = (position: number) => ({ incarnation: 'log-1', position, eventId: position === 0 ? '' : `e${position}` })
const empty: Model = { rows: [], parked: [], position: 0, fence: 0 }

const tenant = fc.constantFrom('', 'one', 'two')
const key = fc.constantFrom('a', 'b', 'c')
const position = fc.integer({ min: 1, max: 6 })
const token = fc.integer({ min: 1, max: 4 })
const write: fc.Arbitrary<RowWrite> = fc.record({ tenant, key, value: fc.constantFrom('1', '2', undefined) })
const parkedEvent: fc.Arbitrary<ParkedEvent> = fc.record(
  {
    position,
    tenant,
    key,
    eventId: fc.constant('e'),
    type: fc.constant('T'),
    rows: fc.array(key, { maxLength: 2 }),
    attempts: fc.nat(5),
    error: fc.constantFrom('Error', undefined),
    parkedAt: fc.nat(),
    asked: fc.constant(undefined),
    reason: fc.constant(undefined),
    discarded: fc.boolean(),
  },
  { noNullPrototype: true },
)
const flushes: fc.Arbitrary<Step> = fc
  .record({
    // Mostly from where the view is, sometimes from elsewhere.
    ahead: fc.constantFrom(0, 0, 0, 0, 1, -1),
    writes: fc.array(write, { maxLength: 4 }),
    park: fc.uniqueArray(parkedEvent, { maxLength: 3, selector: (event) => event.position }),
    settled: fc.array(position, { maxLength: 2 }),
    fencingToken: fc.option(token, { nil: undefined }),
  })
  .map(({ ahead, settled, ...flush }) => {
    const unpark = settled.filter((one) => !flush.park.some((event) => event.position === one))
    return { do: 'flush', ahead, flush: { ...flush, unpark } }
  })
const request: fc.Arbitrary<ParkedRequest> = fc.oneof(
  fc.record({ ask: fc.constant('retry'), tenant, key }),
  fc.record({ ask: fc.constant('discard'), position, reason: fc.constantFrom('', 'no use') }),
)
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: flushes },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('claim'), token }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('ask'), request }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reset') }) },
  ),
  { maxLength: 40 },
)

/** What the view answers, and what it is afterwards. */
function plainly(model: Model, step: Step): readonly [unknown, Model] {
  switch (step.do) {
    case 'reset':
      return [undefined, { ...empty, fence: model.fence }]
    case 'claim':
      return step.token < model.fence ? [false, model] : [true, { ...model, fence: step.token }]
    case 'ask': {
      const { request: asked } = step
      const concerns = (event: ParkedEvent): boolean =>
        !event.discarded &&
        (asked.ask === 'retry'
          ? event.tenant === asked.tenant && event.key === asked.key
          : event.position === asked.position)
      const reason = asked.ask === 'discard' ? asked.reason : undefined
      const parked = model.parked.map((event) => (concerns(event) ? { ...event, asked: asked.ask, reason } : event))
      return [model.parked.filter(concerns).length, { ...model, parked }]
    }
    case 'flush': {
      const { ahead, flush } = step
      const { writes, park = [], unpark = [], fencingToken = model.fence } = flush
      if (ahead !== 0 || fencingToken < model.fence) return [false, model]
      const rows = writes.reduce(
        (before, { tenant: of, key: name, value }) => [
          ...before.filter((row) => row.tenant !== of || row.key !== name),
          ...(value === undefined ? [] : [{ tenant: of, key: name, value }]),
        ],
        model.rows,
      )
      const replaced = new Set([...unpark, ...park.map((event) => event.position)])
      const parked = [...model.parked.filter((event) => !replaced.has(event.position)), ...park]
      return [true, { rows, parked, position: model.position + 1, fence: fencingToken }]
    }
  }
}

async function take(view: View, model: Model, step: Step): Promise<unknown> {
  switch (step.do) {
    case 'reset':
      return view.reset()
    case 'claim':
      return view.claim(step.token)
    case 'ask':
      return view.askParked(step.request)
    case 'flush': {
      // At the start there is no position before, so one after stands for it.
      const ahead = model.position === 0 ? Math.abs(step.ahead) : step.ahead
      return view.flush({ ...step.flush, expected: at(model.position + ahead), next: at(model.position + 1) })
    }
  }
}

const inOrder = (rows: readonly KeyedRow[]): readonly KeyedRow[] =>
  rows.toSorted((a, b) => (a.tenant + a.key < b.tenant + b.key ? -1 : 1))
const ofLog = (events: readonly ParkedEvent[], discarded: boolean): readonly ParkedEvent[] =>
  events.filter((event) => event.discarded === discarded).toSorted((a, b) => a.position - b.position)

test('a view is what a plain model of its flushes, claims, requests and resets says, after every step', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      await using store = await memoryViews().open(runtime)
      const view = await store.open({ name: 'orders', modelVersion: 1, generation: 1 })
      let model = empty
      for (const step of sequence) {
        const [answer, next] = plainly(model, step)
        assert.deepEqual(await take(view, model, step), answer)
        model = next
        assert.deepEqual(await view.checkpoint(), model.position === 0 ? undefined : at(model.position))
        assert.deepEqual(await view.scan(), inOrder(model.rows))
        assert.deepEqual(await view.parked(), ofLog(model.parked, false))
        assert.deepEqual(await view.parked({ discarded: true }), ofLog(model.parked, true))
        assert.equal(await view.totalParked(), ofLog(model.parked, false).length)
      }
    }),
    { numRuns: 1_000 },
  )
})
