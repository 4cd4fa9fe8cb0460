import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { within } from '../../src/admin/patience.ts'

const never = new Promise<never>(() => undefined)
const patient = new AbortController().signal

describe('an operator who waits', () => {
  test('is given what comes of the work, or its error', async () => {
    assert.equal(await within(Promise.resolve(7), { hungUp: patient }, 'late'), 7)
    await assert.rejects(within(Promise.reject(new Error('it failed')), { hungUp: patient }, 'late'), /it failed/)
  })

  test('is told when it takes too long', async () => {
    await assert.rejects(within(never, { hungUp: patient }, 'It goes on.', 1), {
      code: 'deadline_exceeded',
      message: 'It goes on.',
    })
  })

  test('waits no longer than the connection lasts, whenever it ends', async () => {
    const caller = new AbortController()
    const waiting = within(never, { hungUp: caller.signal }, 'late')
    caller.abort()
    await assert.rejects(waiting, { name: 'AbortError' })
    await assert.rejects(within(never, { hungUp: caller.signal }, 'late'), { name: 'AbortError' })
  })
})
