import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { postgres } from '../src/index.ts'
import type { PostgresOptions } from '../src/index.ts'
import { lettersIn, lettersUpTo, mailApp, numbers, place, shopApp } from './mail-app.ts'
import { newSchema, runtime, skip } from './place.ts'

const orders = 30

async function sell(options: PostgresOptions, from: number, to: number): Promise<void> {
  await using shop = await shopApp.start({ store: postgres(options) })
  for (let number = from; number <= to; number++) await shop.dispatch(place({ number }))
}
async function lettersOf(options: PostgresOptions): Promise<readonly string[]> {
  await using backend = await postgres(options).open(runtime)
  return lettersIn(await backend.events.readAll({ after: 0, limit: 10_000 }))
}
const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, at) => at + 1)

/** Another process with the subscriber. */
function runMail(options: PostgresOptions, ran: (number: number) => void) {
  const path = new URL('children/mail.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=gesta-source', path, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  createInterface({ input: child.stdout }).on('line', (line) => ran(Number(line)))
  return {
    signal: (name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => child.kill(name),
    [Symbol.asyncDispose]: async (): Promise<void> => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

describe('of several processes on one store', { skip }, () => {
  test('one runs a durable subscriber; another one takes over when it stops', async () => {
    const options = await newSchema()
    const [one, two] = [numbers(), numbers()]
    const first = await mailApp(one.ran).start({ store: postgres(options) })
    while (first.subscribers()[0]?.state !== 'live') await new Promise(setImmediate)
    await using second = await mailApp(two.ran).start({ store: postgres(options) })
    await sell(options, 1, 10)
    await one.upTo(10)
    assert.equal(second.subscribers()[0]?.state, 'standby')
    await first[Symbol.asyncDispose]()
    await sell(options, 11, 20)
    await two.upTo(20)
    assert.deepEqual([...one.seen, ...two.seen], upTo(20))
  })

  test('one is killed in the middle, and another one takes over: every event is seen, first in order, and what is sent is there once', async () => {
    const options = await newSchema()
    await sell(options, 1, orders)
    const all = numbers()
    await using killed = runMail(options, (number) => {
      all.ran(number)
      if (number === 5) killed.signal('SIGKILL')
    })
    await all.upTo(1)
    {
      await using _heir = await mailApp(all.ran).start({ store: postgres(options) })
      await all.upTo(orders)
    }
    assert.deepEqual([...new Set(all.seen)], upTo(orders))
    assert.deepEqual(await lettersOf(options), lettersUpTo(orders))
  })

  test('one sleeps for longer than its lease and comes back: what is sent is there once, and no place is lost', async () => {
    const options = await newSchema()
    await sell(options, 1, orders)
    const [asleep, all] = [numbers(), numbers()]
    await using sleeper = runMail(options, (number) => {
      asleep.ran(number)
      if (number === 5) sleeper.signal('SIGSTOP')
    })
    await asleep.upTo(5)
    {
      await using _heir = await mailApp(all.ran).start({ store: postgres(options) })
      await all.upTo(orders)
      sleeper.signal('SIGCONT')
      await sell(options, orders + 1, orders + 10)
      await all.upTo(orders + 10)
    }
    // The heir has gone, and the sleeper is what is left.
    await sell(options, orders + 11, orders + 12)
    await asleep.upTo(orders + 12)
    await sleeper[Symbol.asyncDispose]()
    const seen = new Set([...asleep.seen, ...all.seen])
    assert.deepEqual(
      [...seen].toSorted((a, b) => a - b),
      upTo(orders + 12),
    )
    const letters = await lettersOf(options)
    assert.equal(new Set(letters).size, letters.length)
    assert.deepEqual(letters.slice(0, (orders + 11) * 2).toSorted(), lettersUpTo(orders + 11).toSorted())
  })
})
