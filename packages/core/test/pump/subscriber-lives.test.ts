// Subscribers through the lives and deaths of their processes, drawn at random.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { subscriber } from '@gesta/core'
import { catalogueOf } from '../../src/app/catalogue.ts'
import { start } from '../../src/app/start.ts'
import { Deposited } from '../account-domain.ts'
import { appendBeside } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'
import { mortal } from './mortal-backend.ts'
import type { Death } from './mortal-backend.ts'
import { notesIn, noting, take, until } from './notes-domain.ts'

const names = ['Mail', 'Bonus'] as const
interface Turn {
  readonly commits: readonly number[]
  readonly begins: { readonly death: Death | undefined } | undefined
  readonly stops: boolean
  readonly waitMs: number
}

/** Everything that ran, in the order in which it began. */
class Story {
  readonly ran: { readonly name: string; readonly pence: number }[] = []
  readonly passing: number[][] = []
  calm = false
  #failures: readonly boolean[]
  #asked = 0

  constructor(failures: readonly boolean[]) {
    this.#failures = failures
  }
  maybeFail(): void {
    if (!this.calm && this.#failures[this.#asked++ % this.#failures.length] === true) throw new Error('drawn to fail')
  }
  subscribers() {
    const durable = names.map((name) =>
      subscriber(name, { attemptsMax: Number.POSITIVE_INFINITY }).on(Deposited, async ({ pence }, { dispatch }) => {
        this.ran.push({ name, pence })
        await dispatch(take({ text: `${name} ${pence} a` }))
        this.maybeFail()
        await dispatch(take({ text: `${name} ${pence} b` }))
        this.maybeFail()
      }),
    )
    const seen: number[] = []
    this.passing.push(seen)
    return [
      ...durable,
      subscriber('Passing', { durable: false }).onAny((_, { event }) => void seen.push(event.position)),
    ]
  }
}

async function live(app: StartedApp, story: Story, death: Death | undefined) {
  const store = mortal(app.held.backend, death)
  const starting = start<string, string>('test', catalogueOf(noting(...story.subscribers())), { store }, app.runtime)
  let running: Awaited<typeof starting> | undefined
  starting.then(
    (started) => (running = started),
    () => undefined,
  )
  await app.clock.advance(1)
  return {
    stop: async (): Promise<void> => {
      // Who is dead, or dies while it stops, does not answer.
      const stopped = Promise.resolve(running?.[Symbol.asyncDispose]()).catch(() => undefined)
      let isOver = false
      void stopped.then(() => (isOver = true))
      for (let waited = 0; !isOver && !store.isDead() && waited < 12_000; waited += 50) await app.clock.advance(50)
    },
    done: (position: number): boolean =>
      running !== undefined && running.subscribers().every((status) => status.position === position),
  }
}

const death: fc.Arbitrary<Death | undefined> = fc.option(
  fc.record({ steps: fc.integer({ min: 1, max: 90 }), happens: fc.boolean() }),
  { nil: undefined },
)
const turn: fc.Arbitrary<Turn> = fc.record({
  commits: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
  begins: fc.option(fc.record({ death }), { nil: undefined }),
  stops: fc.boolean(),
  waitMs: fc.constantFrom(1, 10, 200, 3_000, 25_000),
})

test('every durable subscriber sees every event, first in order, and what it sends is there once, however its processes end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(turn, { minLength: 1, maxLength: 8 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
      async (turns, failures) => {
        const app = await startApp(noting())
        const story = new Story(failures)
        const lives: Awaited<ReturnType<typeof live>>[] = []
        let pence = 0
        for (const { commits, begins, stops, waitMs } of turns) {
          if (begins !== undefined) lives.push(await live(app, story, begins.death))
          for (const size of commits) {
            const events = Array.from({ length: size }, () => ({ type: 'Account.Deposited', data: { pence: ++pence } }))
            await appendBeside(app.store, 'Account/a', events)
          }
          await app.clock.advance(waitMs)
          if (stops) await lives.shift()?.stop()
        }
        for (const left of lives) await left.stop()
        story.calm = true
        const last = await live(app, story, undefined)
        await until(app, async () => last.done(await app.store.head()), 100)
        await last.stop()

        const all = Array.from({ length: pence }, (_, at) => at + 1)
        for (const name of names) {
          const own = story.ran.filter((one) => one.name === name).map((one) => one.pence)
          assert.deepEqual([...new Set(own)], all, `${name} first saw the events in their order`)
        }
        const expected = names.flatMap((name) => all.flatMap((one) => [`${name} ${one} a`, `${name} ${one} b`]))
        assert.deepEqual((await notesIn(app)).toSorted(), expected.toSorted())
        for (const positions of story.passing) {
          const [first = 0] = positions
          assert.deepEqual(
            positions,
            positions.map((_, at) => first + at),
          )
        }
        await app[Symbol.asyncDispose]()
      },
    ),
    { numRuns: 60 },
  )
})
