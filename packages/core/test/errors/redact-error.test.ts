import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError } from '../../src/errors/gesta-error.ts'
import { redactError } from '../../src/errors/redact-error.ts'

describe('a redacted error', () => {
  test('names what failed along its causes, and says nothing of what they say', () => {
    const ofSystem = Object.assign(new Error('connect to user:password@host'), { code: 'ECONNREFUSED' })
    const cause = new TypeError('secret', { cause: ofSystem })
    const error = new GestaError('subscriber_failed', 'secret', {
      cause,
      facts: { contract: 'Order.Placed', id: 'secret' },
    })
    assert.equal(redactError(error), 'subscriber_failed of Order.Placed < TypeError < Error ECONNREFUSED')
  })

  test('lets nothing through in the name of a name', () => {
    const named = Object.assign(new Error('secret'), { name: 'a secret', code: 'another secret' })
    assert.equal(redactError(named), 'Error')
    const contract = 'secret '.repeat(30)
    assert.equal(redactError(new GestaError('conflict', '', { facts: { contract } })), 'conflict')
  })

  test('is what its type is when no error was thrown, and ends where causes go in a circle or on and on', () => {
    assert.deepEqual(['secret', 1, null, {}].map(redactError), ['string', 'number', 'null', 'object'])
    const circle = new Error('a')
    circle.cause = circle
    assert.equal(redactError(circle), 'Error')
    let deep = new Error('deep')
    for (let depth = 0; depth < 20; depth += 1) deep = new RangeError('more', { cause: deep })
    assert.equal(redactError(deep), Array.from({ length: 8 }, () => 'RangeError').join(' < '))
  })
})
