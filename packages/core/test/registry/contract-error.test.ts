import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ContractError, findContractError, isContractError } from '@gesta/core/registry'
import { isGestaError } from '../../src/errors/gesta-error.ts'

describe('a contract error', () => {
  test('has kind, contract, message and cause, and its kind is its code', () => {
    const cause = new Error('inside')
    const error = new ContractError('missing_handler', 'Order.Place', 'text', { cause, facts: { role: 'web' } })
    const { kind, contract, message, code, facts } = error
    assert.deepEqual(
      { kind, contract, message, code, facts },
      {
        kind: 'missing_handler',
        contract: 'Order.Place',
        message: 'text',
        code: 'missing_handler',
        facts: { contract: 'Order.Place', role: 'web' },
      },
    )
    assert.equal(error.cause, cause)
    assert.ok(isGestaError(error, 'missing_handler'))
  })

  test('is found through causes, by kind or as any', () => {
    const inner = new ContractError('role_not_allowed', 'Order.Get', 'inner')
    const outer = new ContractError('subscriber_failed', 'Order.Placed', 'outer', {
      cause: new Error('between', { cause: inner }),
    })
    const wrapped = new Error('top', { cause: outer })
    assert.equal(findContractError(wrapped), outer)
    assert.equal(findContractError(wrapped, 'role_not_allowed'), inner)
    assert.ok(isContractError(wrapped, 'subscriber_failed'))
    assert.ok(!isContractError(wrapped, 'nil_handler'))
  })

  test('is not found in what is none, nor looked for in a circle of causes', () => {
    const circle = new Error('circle')
    circle.cause = circle
    for (const value of [undefined, null, 'text', { kind: 'nil_handler' }, new Error('plain'), circle])
      assert.ok(!isContractError(value))
  })
})
