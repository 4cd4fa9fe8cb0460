import assert from 'node:assert/strict'
import test from 'node:test'
import { openPlain } from '../src/database.ts'
import { keptStatements } from '../src/kept-statements.ts'
import { oneTo } from './commits.ts'

test('the statements that were used last are kept, and no more than 200', () => {
  using db = openPlain(':memory:')
  let prepared = 0
  const statement = keptStatements((text) => {
    prepared += 1
    return db.prepare(text)
  })
  const text = (number: number): string => `SELECT ${number}`
  for (const number of oneTo(200)) statement(text(number))
  statement(text(1))
  assert.equal(prepared, 200)
  statement(text(201))
  statement(text(1))
  assert.equal(prepared, 201)
  statement(text(2))
  assert.equal(prepared, 202, 'the second one was not used for the longest time')
})
