// A run finds what a broker does wrong: three that are almost right.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Envelope, TopicBus } from '@gesta/core/ports'
import { postgresForTests } from '@gesta/services'
import type { BrokerPlace } from '../src/broker-place.ts'
import { newMemoryPlace } from '../src/places/memory-place.ts'
import { runLedger } from '../src/run.ts'

const messages = 100
const postgres = await postgresForTests()

/** The broker in memory, which passes on something else than what it is given. */
async function lyingPlace(lie: (events: readonly Envelope[]) => readonly Envelope[]): Promise<BrokerPlace> {
  const place = await newMemoryPlace()
  const { here } = place
  assert.ok(here)
  return {
    ...place,
    here: {
      open: async (runtime) => {
        const bus = await here.open(runtime)
        const publisher: TopicBus['publisher'] = (topic, options) => {
          const { publishEvents } = bus.publisher(topic, options)
          return {
            publishEvents: async (events, run) => {
              const told = lie(events)
              if (told.length > 0) await publishEvents(told, run)
            },
          }
        }
        return { ...bus, publisher }
      },
    },
  }
}
const numberOf = ({ value }: Envelope): number => (value as { readonly number: number }).number

async function found(lie: (events: readonly Envelope[]) => readonly Envelope[]): Promise<string> {
  await using database = await postgres.newDatabase()
  await using place = await lyingPlace(lie)
  // Less than otherwise: here it waits for what never comes.
  const { findings } = await runLedger(place, { messages, seed: 1, storeUrl: database.url, patienceMs: 15_000 })
  return findings.join('\n')
}

describe('a run finds', { skip: postgres.skip }, () => {
  test('that a message is lost', async () => {
    const text = await found((events) => events.filter((event) => numberOf(event) !== 20))
    assert.match(text, /the group early to have the effects of \d+ messages; missing: 20;/)
  })

  test('that a message comes twice, under another id', async () => {
    const text = await found((events) =>
      events.flatMap((event) => (numberOf(event) === 20 ? [event, { ...event, id: 'another' }] : [event])),
    )
    assert.match(
      text,
      /expected one effect of message 20, found a second one, of another; the first was of send-20\.m0/,
    )
  })

  test('that a message comes behind the next one of its key', async () => {
    let held: Envelope | undefined
    const text = await found((events) => {
      const [event] = events
      if (event === undefined || events.length > 1) return events
      const isNext = held !== undefined && event.key === held.key
      const told = isNext && held !== undefined ? [event, held] : numberOf(event) === 20 ? [] : [event]
      if (isNext) held = undefined
      else if (numberOf(event) === 20) held = event
      return told
    })
    assert.match(text, /found that of message 20 behind that of \d+\./)
  })
})
