// Processes through the lives and deaths of what runs them, drawn at random: with failures, parking, and operators who retry meanwhile.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processManager } from '@gesta/core'
import fc from 'fast-check'
import { catalogueOf } from '../../src/app/catalogue.ts'
import { start } from '../../src/app/start.ts'
import { appendBeside, wholeLog } from '../interfering-store.ts'
import { mortal } from '../pump/mortal-backend.ts'
import type { Death } from '../pump/mortal-backend.ts'
import { until } from '../pump/notes-domain.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'
import { Placed, reserve, shopWith } from './order-domain.ts'

const keys = ['a', 'b'] as const
interface Turn {
  readonly events: readonly (typeof keys)[number][]
  readonly death: Death | undefined
  readonly retries: boolean
  readonly waitMs: number
}

/** Fails as drawn until it is calm, and remembers in its state what it has taken. */
class Story {
  calm = false
  #failures: readonly boolean[]
  #asked = 0

  constructor(failures: readonly boolean[]) {
    this.#failures = failures
  }
  domains() {
    const counting = processManager('Order.Counting', () => ({ taken: [] as number[] }), {
      attemptsMax: 2,
      onFailure: 'park',
      roles: ['worker'],
    }).on(
      Placed,
      (_, { aggregate: { id } }) => id,
      ({ taken }, { pence }, { aggregate: { id } }) => {
        if (!this.calm && this.#failures[this.#asked++ % this.#failures.length] === true) throw new TypeError('drawn')
        return { state: { taken: [...taken, pence] }, send: [reserve({ orderId: `${id} ${pence}`, pieces: 0 })] }
      },
    )
    return shopWith([counting])
  }
}

/** A worker that lives and ends as drawn; then an operator, who has mended what failed, may retry. */
async function live(operator: StartedApp, story: Story, { death, retries, waitMs }: Turn): Promise<void> {
  const { clock, held, runtime } = operator
  const store = mortal(held.backend, death)
  let running: Awaited<ReturnType<typeof start<string, string>>> | undefined
  start<string, string>('test', catalogueOf(story.domains()), { store, role: 'worker' }, runtime).then(
    (started) => (running = started),
    () => undefined,
  )
  await clock.advance(waitMs)
  const stopped = Promise.resolve(running?.[Symbol.asyncDispose]()).catch(() => undefined)
  let isOver = false
  void stopped.then(() => (isOver = true))
  for (let waited = 0; !isOver && !store.isDead() && waited < 12_000; waited += 50) await clock.advance(50)
  if (retries) await retryAll(operator, story)
}

async function retryAll({ clock, running }: StartedApp, story: Story): Promise<void> {
  story.calm = true
  for (const key of keys) await clock.finish(running.processManagers.retry({ processManager: 'Order.Counting', key }))
  story.calm = false
}

const turn: fc.Arbitrary<Turn> = fc.record({
  events: fc.array(fc.constantFrom(...keys), { maxLength: 3 }),
  death: fc.option(fc.record({ steps: fc.integer({ min: 10, max: 50 }), happens: fc.boolean() }), { nil: undefined }),
  retries: fc.constantFrom(true, true, false),
  waitMs: fc.constantFrom(20, 300, 15_000, 15_000),
})

test('every process takes every event once and in its order, and sends once for each, however what runs it ends', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(turn, { minLength: 1, maxLength: 5 }),
      fc.array(fc.constantFrom(true, true, false), { minLength: 1, maxLength: 12 }),
      async (turns, failures) => {
        const story = new Story(failures)
        const operator = await startApp(story.domains(), { role: 'web' })
        const expected: { [Key in (typeof keys)[number]]: number[] } = { a: [], b: [] }
        let pence = 0
        for (const one of turns) {
          for (const key of one.events) {
            expected[key].push(++pence)
            await appendBeside(operator.held.events, `Order/${key}`, [{ type: Placed.type, data: { pence } }])
          }
          await live(operator, story, one)
        }
        await using last = await startApp(story.domains(), { beside: operator, role: 'worker' })
        const get = (key: string) => last.running.processManagers.get({ processManager: 'Order.Counting', key })
        story.calm = true
        await until(last, () => last.running.subscribers()[0]?.lag === 0, 100)
        await retryAll(last, story)
        for (const key of keys) assert.deepEqual((await get(key)).state, { taken: expected[key] }, key)
        await until(last, async () => (await last.running.jobs.total({ states: ['succeeded'] })) === pence, 100)
        const reserved = (await wholeLog(last.store)).filter(({ type }) => type === 'Stock.Reserved')
        assert.equal(reserved.length, pence)
        await operator[Symbol.asyncDispose]()
      },
    ),
    { numRuns: 60 },
  )
})
