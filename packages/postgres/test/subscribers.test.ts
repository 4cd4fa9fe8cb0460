import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { postgres } from '../src/index.ts'
import type { PostgresOptions } from '../src/index.ts'
import { lettersIn, lettersUpTo, mailApp, numbers, place, shopApp } from './mail-app.ts'
import type { Step } from './mail-app.ts'
import { newSchema, runtime, skip } from './place.ts'

async function sell(options: PostgresOptions, from: number, to: number): Promise<void> {
  await using shop = await shopApp.start({ store: postgres(options) })
  await shop.dispatch(place({ from, to }))
}
async function lettersOf(options: PostgresOptions): Promise<readonly string[]> {
  await using backend = await postgres(options).open(runtime)
  return lettersIn(await backend.events.readAll({ after: 0, limit: 10_000 }))
}
const oneTo = (last: number): readonly number[] => Array.from({ length: last }, (_, at) => at + 1)

/** Another process with the subscriber, which sends a signal to itself at a step for one of the numbers. */
function runMail(
  options: PostgresOptions,
  leaseMs: number,
  [signal, at]: readonly ['SIGKILL' | 'SIGSTOP', string],
  ran: (number: number, step: Step) => void,
) {
  const path = new URL('children/mail.ts', import.meta.url).pathname
  const given = [JSON.stringify(options), `${leaseMs}`, signal, at]
  const child = spawn(process.execPath, ['--conditions=gesta-source', path, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const signalled = Promise.withResolvers<void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [number, step] = line.split(' ')
    ran(Number(number), step as Step)
    if (line === at) signalled.resolve()
  })
  return {
    /** Its last line before the signal is here. */
    signalled: signalled.promise,
    goOn: () => child.kill('SIGCONT'),
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
    // Long enough for the slowest machine: nobody takes over before the owner has stopped.
    const leaseMs = 20_000
    const first = await mailApp(one.ran, { leaseMs }).start({ store: postgres(options) })
    while (first.subscribers()[0]?.state !== 'live') await new Promise(setImmediate)
    await using second = await mailApp(two.ran, { leaseMs }).start({ store: postgres(options) })
    await sell(options, 1, 10)
    await one.done(10)
    assert.equal(second.subscribers()[0]?.state, 'standby')
    await first[Symbol.asyncDispose]()
    await sell(options, 11, 20)
    await two.done(20)
    assert.deepEqual([...one.seen, ...two.seen], oneTo(20))
  })

  for (const step of ['begun', 'between', 'done'] as const) {
    test(`one is killed at a run that is ${step}, and another one takes over: every event is seen, first in order, and what is sent is there once`, async () => {
      const options = await newSchema()
      await sell(options, 1, 12)
      const all = numbers()
      await using killed = runMail(options, 1_000, ['SIGKILL', `5 ${step}`], all.ran)
      await killed.signalled
      {
        await using _heir = await mailApp(all.ran, { leaseMs: 1_000 }).start({ store: postgres(options) })
        await all.done(12)
      }
      assert.deepEqual([...new Set(all.seen)], oneTo(12))
      assert.deepEqual(await lettersOf(options), lettersUpTo(12))
    })
  }

  test('one sleeps for longer than its lease and comes back: what is sent is there once, and no event is passed over', async () => {
    const options = await newSchema()
    await sell(options, 1, 12)
    const all = numbers()
    await using sleeper = runMail(options, 1_000, ['SIGSTOP', '5 between'], all.ran)
    await sleeper.signalled
    {
      await using _heir = await mailApp(all.ran, { leaseMs: 1_000 }).start({ store: postgres(options) })
      await all.done(12)
      sleeper.goOn()
      await sell(options, 13, 20)
      await all.done(20)
    }
    // The heir has gone, and the sleeper is what is left.
    await sell(options, 21, 22)
    await all.done(22)
    assert.deepEqual(
      all.seen.filter((number, at) => all.seen.indexOf(number) === at).toSorted((a, b) => a - b),
      oneTo(22),
    )
    assert.deepEqual((await lettersOf(options)).toSorted(), lettersUpTo(22).toSorted())
  })
})
