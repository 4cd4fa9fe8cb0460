import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { createBinding } from '../../src/bound.ts'
import type { Bound } from '../../src/bound.ts'

const opened = { settings: {} } as unknown as Bound

test('what runs before the identity is opened waits for it, at most a second each time, so that an app can stop', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    const binding = createBinding()
    const late = assert.rejects(binding.ready, /identity\.open\(running\)/)
    mock.timers.tick(1_000)
    await late
    const { ready } = binding
    binding.bind(opened)
    assert.equal(await ready, opened)
    assert.equal(await binding.ready, opened)
  } finally {
    mock.timers.reset()
  }
})
