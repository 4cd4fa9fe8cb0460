import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stopInOrder } from '../../src/process/stop-in-order.ts'

/** Stops an app that uses all the time it is given; `tookMs`: how long the steps before the jobs took of the deadline. */
async function stopped(deadlineMs: number, tookMs: number) {
  let leftMs = deadlineMs
  const happened: string[] = []
  const server = {
    leave: () => void happened.push('server leaves'),
    [Symbol.asyncDispose]: async () => {
      happened.push('server ends')
      leftMs -= tookMs
    },
  }
  const app = {
    drain: async (ms: number) => {
      happened.push(`drains for ${ms}`)
      leftMs -= ms
      throw new Error('A job did not end in time.')
    },
    // Until signals abort, and as long for what heeds them.
    stop: async (ms: number) => {
      happened.push(`stops in ${ms}`)
      leftMs -= 2 * ms
    },
    jobs: () => 1,
  }
  const stopping = stopInOrder(
    app,
    [server],
    0,
    () => leftMs,
    (step) => void happened.push(step),
  )
  await stopping.done
  return { happened, leftMs, open: stopping.open() }
}

test('a process gives each step a share of what is left, and ends well before its deadline, however long it leaves', async () => {
  const { happened, open } = await stopped(30_000, 10_000)
  assert.deepEqual(happened, [
    'leaving',
    'server leaves',
    'requests',
    'server ends',
    'jobs',
    'drains for 10000',
    'app',
    'stops in 2500',
    'stopped',
  ])
  assert.deepEqual(open, { step: 'stopped', requests: 0, jobs: 1 })
  for (const tookMs of [0, 1_000, 20_000, 29_000]) {
    const { leftMs } = await stopped(30_000, tookMs)
    assert.equal(leftMs, (30_000 - tookMs) / 4)
  }
})

test('a process with no time left still gives each step its turn', async () => {
  const { happened } = await stopped(1_000, 1_000)
  assert.deepEqual(happened.slice(-5), ['jobs', 'drains for 1', 'app', 'stops in 1', 'stopped'])
})
