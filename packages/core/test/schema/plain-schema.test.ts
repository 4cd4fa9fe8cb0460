// Schemas without a library: what they take, what they say is wrong and where, and what they tell of themselves.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { convertSchema } from '../../src/schema/json-schema.ts'
import {
  anyValue,
  flag,
  listOf,
  mapOf,
  oneOf,
  optional,
  record,
  text,
  time,
  whole,
} from '../../src/schema/plain-schema.ts'

interface Note {
  readonly text: string
  readonly lines: readonly { readonly count: number }[]
  readonly kind: 'long' | 'short'
  readonly at: string
  readonly isDone?: boolean | undefined
  readonly labels?: { readonly [name: string]: string } | undefined
}
const note = record<Note>({
  text: text(1, 5),
  lines: listOf(record<{ readonly count: number }>({ count: whole(1, 9) }), 2),
  kind: oneOf(['long', 'short']),
  at: time,
  isDone: optional(flag),
  labels: optional(mapOf(text())),
})
const right = { text: 'abc', lines: [{ count: 1 }], kind: 'long', at: '2026-01-02T03:04:05Z' }
const pathsOf = (value: unknown): readonly string[] =>
  (note['~standard'].validate(value).issues ?? []).map(({ path = [] }) => path.map(String).join('.'))

describe('a plain schema', () => {
  test('takes what fits, as a copy without what is absent', () => {
    const given = { ...right, isDone: undefined, labels: { a: 'b' } }
    const validation = note['~standard'].validate(given)
    assert.deepEqual(validation, { value: { ...right, labels: { a: 'b' } } })
    assert.ok(validation.issues === undefined && validation.value !== (given as unknown))
  })

  test('names every place that is wrong', () => {
    assert.deepEqual(pathsOf({ ...right, text: '', colour: 'red' }), ['colour', 'text'])
    assert.deepEqual(pathsOf({ ...right, lines: [{ count: 0 }, { count: 1.5 }] }), ['lines.0.count', 'lines.1.count'])
    assert.deepEqual(pathsOf({ ...right, lines: [{ count: 1 }, { count: 1 }, { count: 1 }] }), ['lines'])
    assert.deepEqual(pathsOf({ ...right, labels: { a: 1 } }), ['labels.a'])
    assert.deepEqual(pathsOf({ ...right, kind: 'other', at: '2026-13-40T99:00:00Z' }), ['kind', 'at'])
    for (const at of ['2026-02-31T00:00:00Z', '9999-12-31T00:00:00Z', '1969-12-31T23:59:59Z', '2026-01-01T24:00:00Z'])
      assert.deepEqual(pathsOf({ ...right, at }), ['at'], at)
    for (const at of ['2024-02-29T23:59:59.999999+14:00', '1970-01-01T00:00:00Z', '2254-12-31T23:59:59Z'])
      assert.deepEqual(pathsOf({ ...right, at }), [], at)
    assert.deepEqual(pathsOf({}), ['text', 'lines', 'kind', 'at'])
    for (const value of [null, undefined, 'text', 1, []]) assert.deepEqual(pathsOf(value), [''])
  })

  test('is a Standard JSON Schema, closed for what goes in', () => {
    const input = convertSchema(note, 'input').schema
    assert.deepEqual(input?.['required'], ['text', 'lines', 'kind', 'at'])
    assert.equal(input['additionalProperties'], false)
    assert.equal(convertSchema(note, 'output').schema?.['additionalProperties'], undefined)
    assert.deepEqual(convertSchema(anyValue, 'input').schema, {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
    })
  })
})
