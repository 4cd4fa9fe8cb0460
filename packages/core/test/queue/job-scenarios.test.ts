import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { command, domain, handle, job } from '@gesta/core'
import { scenario } from '@gesta/core/testing'

const remind = job('Tea.Remind', { queue: 'mail' })
const brew = command('Tea.Brew', {})
const tea = domain('Tea', {
  permissions: 'anonymous',
  handlers: [
    handle(brew, async (_, { emit }) => emit(remind(undefined, { delayMs: 60_000, key: 'pot' }))),
    handle(remind, async () => assert.fail('It ran.')),
  ],
})

describe('a scenario', () => {
  test('compares how a job was left as well, and runs none', async () => {
    const { thenEmitted } = scenario(tea).when(brew())
    await thenEmitted(remind(undefined, { delayMs: 60_000, key: 'pot' }))
    await thenEmitted(remind(undefined, { delayMs: 60_000, key: 'pot', queue: 'mail' }))
    for (const options of [undefined, { delayMs: 60_001, key: 'pot' }, { delayMs: 60_000 }])
      await assert.rejects(thenEmitted(remind(undefined, options)), assert.AssertionError)
  })
})
