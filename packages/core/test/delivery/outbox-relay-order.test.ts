import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { messageId } from '../../src/stores/outbox/message-id.ts'
import { GestaError } from '../../src/errors/gesta-error.ts'
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
/** What a store does with a call; the answer of what it has done may be lost. */
type Fault = 'none' | 'refuses' | 'losesAnswer'
const faults = fc.array(fc.constantFrom<Fault[]>('none', 'none', 'none', 'refuses', 'losesAnswer'), { maxLength: 60 })

/** A relay that can be made to end as a killed process does: nothing that it does from then on has an effect or an answer. */
function killable(
  place: OutboxPlace,
  broker: Broker,
  nextFault: () => Fault,
): { readonly kill: () => void; readonly drain: () => Promise<void> } {
  let isDead = false
  const away = (): Promise<never> => Promise.reject(new GestaError('store_unavailable', 'away'))
  const mortal = <Port extends object>(port: Port, fault: () => Fault): Port => {
    const call = async (run: () => Promise<unknown>): Promise<unknown> => {
      if (isDead) return new Promise(() => undefined)
      const kind = fault()
      if (kind === 'refuses') return away()
      const answer = await run()
      return kind === 'losesAnswer' ? away() : answer
    }
    const wrapped = Object.entries(port).map(([name, method]) => [
      name,
      (...given: unknown[]) => call(async () => Reflect.apply(method as () => unknown, port, given)),
    ])
    return Object.fromEntries(wrapped) as Port
  }
  const { leases } = place.backend
  const options = { attemptsMax: 1_000, leaseMs: 1_000, drainMs: 500, publishTimeoutMs: 2_000, inFlightMax: 4 }
  const backend = { outbox: mortal(place.outbox, nextFault), leases: mortal(leases, nextFault) }
  const publishing = mortal({ publishEvents: broker.publishEvents }, () => 'none')
  const relay = place.relay(publishing, options, { backend })
  return {
    kill: () => {
      isDead = true
    },
    drain: async () => {
      await place.clock.finish(Promise.resolve(relay[Symbol.asyncDispose]()))
    },
  }
}

/** Plays the steps until everything has arrived; what arrived, and the ids of what may have arrived twice. Insists on the order. */
async function play(
  given: readonly Step[],
  kindsOf: readonly Kind[],
  faultsOf: readonly Fault[],
): Promise<{ readonly arrived: readonly string[]; readonly excused: ReadonlySet<string> }> {
  await using place = await openPlace()
  /** Sent without an answer that says so, or without a settlement. */
  const excused = new Set<string>()
  let reacted = 0
  const react: Reaction = async (events, take) => {
    const kind = kindsOf[reacted++ % kindsOf.length] as Kind
    if (kind === 'slow') await new Promise<void>((resolve) => place.clock.after(300, resolve))
    if (kind === 'takes' || kind === 'slow') return take(events)
    for (const { id } of events) excused.add(id)
    if (kind === 'half') take(events.slice(0, 1))
    if (kind === 'lost' || kind === 'lostAway') take(events)
    if (kind === 'silent') return new Promise(() => undefined)
    throw kind === 'away' || kind === 'lostAway' ? unavailable() : new TypeError(kind)
  }
  const broker = createTestBroker(react)
  let asked = 0
  const newRelay = () => killable(place, broker, () => faultsOf[asked++] ?? 'none')
  const numbers = new Map<string, number>()
  const sent: string[] = []
  let relays = [newRelay()]
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
      const unsettled = await place.outbox.after(await place.outbox.cursor(), 10_000)
      for (const { tenant, commandId, index } of [...unsettled, ...(await place.held())])
        excused.add(messageId(place.backend.events.identity, { tenant, commandId, index }))
      relays = []
    } else if (next === 'drain') {
      for (const { drain } of relays) await drain()
      relays = []
    }
    relays.push(newRelay())
  }
  // The broker is well from now on.
  broker.react = takes
  const values = (): ReadonlySet<string> => new Set(broker.values)
  await place.until(() => values().size === sent.length)
  await place.until(async () => (await place.held()).length === 0)
  for (const key of numbers.keys()) {
    const first = [...values()].filter((value) => value.startsWith(key))
    assert.deepEqual(
      first,
      sent.filter((value) => value.startsWith(key)),
    )
  }
  return { arrived: broker.batches.flat().map(({ id }) => id), excused }
}

describe('whatever broker and processes do', () => {
  test('first deliveries of a key are in order, nothing is lost, and only what may be is there twice', async () => {
    await fc.assert(
      fc.asyncProperty(steps, reactions, async (given, kindsOf) => {
        const { arrived, excused } = await play(given, kindsOf, [])
        const times = new Map<string, number>()
        for (const id of arrived) times.set(id, (times.get(id) ?? 0) + 1)
        for (const [id, count] of times) assert.ok(count === 1 || excused.has(id), `${id} arrived ${count} times.`)
      }),
      { numRuns: 60 },
    )
  })

  test('they are so too on a store that refuses calls and loses answers', async () => {
    await fc.assert(
      fc.asyncProperty(steps, reactions, faults, async (given, kindsOf, faultsOf) => {
        await play(given, kindsOf, faultsOf)
      }),
      { numRuns: 60 },
    )
  })
})
