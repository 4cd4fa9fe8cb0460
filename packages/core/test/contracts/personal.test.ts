import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { z } from 'zod'
import { aggregate, command, createApp, domain, event, isErased, SubjectErased } from '@gesta/core'
import { partsOf } from '../../src/contracts/contract.ts'
import { erased } from '../../src/contracts/erased.ts'
import { parse } from '../../src/schema/parse.ts'

const schema = z.object({ id: z.string(), name: z.string(), email: z.string() })
const Met = event('Person.Met', schema, { personal: { subject: 'id', fields: ['name', 'email'] } })
const declare = (personal: unknown): unknown => event('Person.Met', schema, { personal } as never)

describe('personal fields', () => {
  test('are told by the contract, which is frozen in this', () => {
    assert.deepEqual(partsOf(Met).personal, { subject: 'id', fields: ['name', 'email'] })
    assert.ok(Object.isFrozen(partsOf(Met).personal?.fields))
    assert.equal(Met.personal?.fields.length, 2)
  })

  test('are absent from a contract that has none', () => {
    assert.equal('personal' in event('Person.Seen', schema), false)
  })

  test('stay so in a revision, are named anew, or are none any more', () => {
    const kept = Met.revise(schema, (old) => old)
    assert.deepEqual([kept.schemaVersion, kept.personal], [2, Met.personal])
    const named = kept.revise(schema, (old) => ({ ...old, email: '' }), { personal: { fields: ['name'] } })
    assert.deepEqual(partsOf(named).personal, { subject: undefined, fields: ['name'] })
    const none = named.revise(z.object({ id: z.string() }), ({ id }) => ({ id }), { personal: 'none' })
    assert.equal('personal' in none, false)
  })

  test('that make no sense are refused at set-up', () => {
    const wrong: readonly [unknown, RegExp][] = [
      [{ fields: [] }, /personal of Person\.Met to name at least one field/],
      [{ fields: 'name' }, /to name at least one field/],
      [{ fields: [7] }, /to name at least one field/],
      [{ fields: ['name', 'name'] }, /names the personal field "name" twice/],
      [{ subject: 'name', fields: ['name'] }, /"name" as a personal field and as the subject/],
      [{ subjct: 'id', fields: ['name'] }, /no option "subjct". Did you mean "subject"/],
    ]
    for (const [personal, message] of wrong) assert.throws(() => declare(personal), message)
    assert.throws(() => event('Person.Met', schema, { persnal: {} } as never), /Did you mean "personal"/)
    assert.throws(
      () => Met.revise(schema, (old) => old, { personel: 'none' } as never),
      /revise\(\.\.\.\) of Person\.Met has no option "personel"/,
    )
  })
})

describe('an erased value', () => {
  test('is known by its shape, also after it was JSON', () => {
    assert.ok(Object.isFrozen(erased))
    assert.equal(JSON.stringify(erased), '{"erased":true}')
    assert.ok(isErased(erased))
    assert.ok(isErased(JSON.parse(JSON.stringify({ name: erased })).name))
  })

  test('is nothing else', () => {
    for (const value of [undefined, null, true, 'erased', {}, { erased: false }, { erased: true, name: 'Ann' }, [true]])
      assert.equal(isErased(value), false)
  })
})

describe('the event of an erasure', () => {
  test('takes what erasing writes, and nothing else', () => {
    const { schema: own } = partsOf(SubjectErased)
    const data = { subject: 's', reason: 'r' }
    assert.deepEqual(parse(own, { ...data, more: 1 }, 'invalid_output', 'it'), data)
    for (const wrong of [undefined, null, {}, { subject: 's' }, { subject: 1, reason: 'r' }])
      assert.throws(() => parse(own, wrong, 'invalid_output', 'it'), /Expected the texts subject and reason/)
  })

  test('has a stream that nobody else can write to', () => {
    const app = (parts: object): unknown =>
      createApp('a', { domains: [domain('Gesta', { permissions: 'anonymous', handlers: [], ...parts })] })
    assert.throws(
      () => app({ aggregates: [aggregate('Gesta.Subject', () => ({}))] }),
      /The name Gesta\.Subject is kept for the erasure of subjects/,
    )
    const run = { contract: command('Gesta.Subject'), roles: undefined, run: async () => undefined }
    assert.throws(() => app({ handlers: [run] }), /The name Gesta\.Subject is kept/)
  })
})
