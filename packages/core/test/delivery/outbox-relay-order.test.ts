import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Broker } from '../../src/registry/delivery-ports.ts'
import { createTestBroker, openPlace, takes, unavailable } from './outbox-place.ts'
import type { OutboxPlace, Reaction } from './outbox-place.ts'

/** What a broker does with a batch. What was not said to be taken may be sent again. */
const kinds = ['takes', 'takes', 'takes', 'slow', 'refuses', 'half', 'lost', 'away', 'lostAway', 'silent'] as const
type Kind = (typeof kinds)[number]
/** A commit, and what happens after it. */
interface Step {
  readonly texts: readonly string[]
  readonly afterMs: number
  readonly next: 'go on' | 'drain' | 'kill' | 'beside'
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    texts: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }),
    afterMs: fc.constantFrom(0, 0, 1, 40, 700),
    next: fc.constantFrom('go on', 'go on', 'go on', 'drain', 'kill', 'beside'),
  }),
  { minLength: 1, maxLength: 25 },
)
const reactions = fc.array(fc.constantFrom<Kind[]>(...kinds), { minLength: 1, maxLength: 40 })

/** A relay that can be made to end as a killed process does: nothing that it does from then on has an effect or an answer. */
function killable(
  place: OutboxPlace,
  broker: Broker,
): { readonly kill: () => void; readonly drain: () => Promise<void> } {
  let isDead = false
  const mortal = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, value]) => [
        name,
        typeof value === 'function'
          ? (...given: unknown[]) => (isDead ? new Promise(() => undefined) : Reflect.apply(value, port, given))
          : value,
      ]),
    ) as Port
  const { leases } = place.backend
  const options = { attemptsMax: 1_000, leaseMs: 1_000, drainMs: 500, publishTimeoutMs: 2_000, inFlightMax: 4 }
  const backend = { outbox: mortal(place.outbox), leases: mortal(leases) }
  const relay = place.relay(mortal({ publishEvents: broker.publishEvents }), options, { backend })
  return {
    kill: () => {
      isDead = true
    },
    drain: async () => {
      await place.clock.finish(Promise.resolve(relay[Symbol.asyncDispose]()))
    },
  }
}

describe('whatever broker and processes do', () => {
  test('first deliveries of a key are in order, nothing is lost, and only what may be is there twice', async () => {
    await fc.assert(
      fc.asyncProperty(steps, reactions, async (given, kindsOf) => {
        await using place = await openPlace()
        /** Sent without an answer that says so, or without a settlement. */
        const excused = new Set<string>()
        let calls = 0
        const react: Reaction = async (events, take) => {
          const kind = kindsOf[calls++ % kindsOf.length] as Kind
          if (kind === 'slow') await new Promise<void>((resolve) => place.clock.after(300, resolve))
          if (kind === 'takes' || kind === 'slow') return take(events)
          for (const { id } of events) excused.add(id)
          if (kind === 'half') take(events.slice(0, 1))
          if (kind === 'lost' || kind === 'lostAway') take(events)
          if (kind === 'silent') return new Promise(() => undefined)
          throw kind === 'away' || kind === 'lostAway' ? unavailable() : new TypeError(kind)
        }
        const broker = createTestBroker(react)
        const numbers = new Map<string, number>()
        const sent: string[] = []
        let relays = [killable(place, broker)]
        for (const { texts, afterMs, next } of given) {
          const named = texts.map((key) => {
            numbers.set(key, (numbers.get(key) ?? 0) + 1)
            return `${key}${numbers.get(key)}`
          })
          sent.push(...named)
          await place.send(named)
          await place.clock.advance(afterMs)
          if (next === 'go on') continue
          if (next === 'kill') {
            for (const { kill } of relays) kill()
            const cursor = await place.outbox.cursor()
            const unsettled = await place.outbox.after(cursor, 10_000)
            for (const { commandId, index } of [...unsettled, ...(await place.held())])
              excused.add(`${commandId}.m${index}`)
            relays = []
          } else if (next === 'drain') {
            for (const { drain } of relays) await drain()
            relays = []
          }
          relays.push(killable(place, broker))
        }
        // The broker is well from now on.
        broker.react = takes
        const values = (): ReadonlySet<string> => new Set(broker.values)
        await place.until(() => values().size === sent.length)
        await place.until(async () => (await place.held()).length === 0)

        const first = [...values()]
        for (const key of numbers.keys())
          assert.deepEqual(
            first.filter((value) => value.startsWith(key)),
            sent.filter((value) => value.startsWith(key)),
          )
        const times = new Map<string, number>()
        for (const { id } of broker.batches.flat()) times.set(id, (times.get(id) ?? 0) + 1)
        for (const [id, count] of times) assert.ok(count === 1 || excused.has(id), `${id} arrived ${count} times.`)
      }),
      { numRuns: 60 },
    )
  })
})
