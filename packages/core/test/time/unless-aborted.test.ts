import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { pause, unlessAborted } from '../../src/time/unless-aborted.ts'
import { createFakeClock } from '../fake-clock.ts'

const reason = new Error('enough')
const isReason = (error: unknown): boolean => error === reason

describe('work that a signal can end', () => {
  test('gives its result, or its own error', async () => {
    const { signal } = new AbortController()
    assert.equal(await unlessAborted(signal, Promise.resolve(1)), 1)
    await assert.rejects(unlessAborted(signal, Promise.reject(reason)), isReason)
  })

  test('ends with the reason of the signal, also when that had aborted before', async () => {
    const cancel = new AbortController()
    const work = unlessAborted(cancel.signal, new Promise(() => undefined))
    cancel.abort(reason)
    await assert.rejects(work, isReason)
    await assert.rejects(unlessAborted(cancel.signal, Promise.reject(new Error('late'))), isReason)
  })
})

describe('a pause', () => {
  test('is over when its time has passed', async () => {
    const clock = createFakeClock()
    let over = false
    const wait = pause(clock, 100, new AbortController().signal).then(() => (over = true))
    await clock.advance(99)
    assert.equal(over, false)
    await clock.advance(1)
    await wait
    assert.equal(over, true)
  })

  test('ends with the reason of a signal, and sets no timer or takes it back', async () => {
    const clock = createFakeClock()
    const cancel = new AbortController()
    const wait = pause(clock, 100, cancel.signal)
    assert.equal(clock.timers, 1)
    cancel.abort(reason)
    await assert.rejects(wait, isReason)
    await assert.rejects(pause(clock, 100, cancel.signal), isReason)
    assert.equal(clock.timers, 0)
  })
})
