import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { whenIdle } from '@gesta/core/testing'
import { postgres } from '../src/index.ts'
import type { PostgresOptions } from '../src/index.ts'
import { pack, parcelApp } from './parcel-app.ts'
import { newSchema, runtime, skip } from './place.ts'

const oneTo = (last: number): readonly number[] => Array.from({ length: last }, (_, at) => at + 1)
const nothing = (): void => undefined
const jobs = { leaseMs: 1_000 }

/** What was sent, sorted. */
async function sentIn(options: PostgresOptions): Promise<readonly string[]> {
  await using backend = await postgres(options).open(runtime)
  const events = await backend.events.readAll({ after: 0, limit: 10_000 })
  return events.map(({ data }) => (JSON.parse(data) as { text: string }).text).toSorted()
}
const bothOf = (last: number): readonly string[] =>
  oneTo(last)
    .flatMap((number) => [`${number} a`, `${number} b`])
    .toSorted()

/** Another process with a worker, which sends a signal to itself at a step of one of the jobs. */
function worker(options: PostgresOptions, signal: 'SIGKILL' | 'SIGSTOP', at: string) {
  const path = new URL('children/parcels.ts', import.meta.url).pathname
  const given = [JSON.stringify(options), `${jobs.leaseMs}`, signal, at]
  const child = spawn(process.execPath, ['--conditions=gesta-source', path, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const signalled = Promise.withResolvers<void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === at) signalled.resolve()
  })
  return {
    signalled: signalled.promise,
    goOn: () => child.kill('SIGCONT'),
    [Symbol.asyncDispose]: async (): Promise<void> => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

describe('of several processes on one store', { skip }, () => {
  test('all run jobs, each job in one of them', async () => {
    const options = await newSchema()
    const begun: number[] = []
    const ran = (number: number, step: string): void => void (step === 'begun' && begun.push(number))
    // Long enough for the slowest machine: nobody takes over what somebody runs.
    const patient = { leaseMs: 20_000 }
    await using one = await parcelApp(ran).start({ store: postgres(options), jobs: patient })
    await using two = await parcelApp(ran).start({ store: postgres(options), jobs: patient })
    await one.jobs.enqueue(oneTo(60).map((number) => pack({ number })))
    await whenIdle(one, { deadlineMs: 60_000 })
    assert.deepEqual(
      begun.toSorted((a, b) => a - b),
      oneTo(60),
    )
    assert.deepEqual(await sentIn(options), bothOf(60))
    const workers = [one, two].map(({ jobs: { status } }) => status?.ended.succeeded ?? 0)
    assert.equal((workers[0] ?? 0) + (workers[1] ?? 0), 60)
  })

  for (const [signal, step] of [
    ['SIGKILL', 'begun'],
    ['SIGKILL', 'between'],
    ['SIGKILL', 'done'],
    ['SIGSTOP', 'between'],
  ] as const)
    test(`one gets ${signal} when a job is ${step}: another one runs the job again, and what it sends is there once`, async () => {
      const options = await newSchema()
      await using heir = await parcelApp(nothing).start({ store: postgres(options), jobs: { ...jobs, enabled: false } })
      await heir.jobs.enqueue(oneTo(12).map((number) => pack({ number })))
      await using ended = worker(options, signal, `5 ${step}`)
      await ended.signalled
      await using next = await parcelApp(nothing).start({ store: postgres(options), jobs })
      await whenIdle(next, { deadlineMs: 60_000 })
      if (signal === 'SIGSTOP') ended.goOn()
      await whenIdle(next, { deadlineMs: 60_000 })
      assert.equal(await next.jobs.total({ states: ['succeeded'] }), 12)
      assert.deepEqual(await sentIn(options), bothOf(12))
    })
})
