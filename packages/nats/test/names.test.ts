import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { namesOf, subjectOfType, tokenOf } from '../src/names.ts'

const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 512 }).map((text) => text.toWellFormed())

test('any name becomes one token that NATS takes, and that says the name where it can', () => {
  for (const [name, token] of [
    ['orders', 'orders'],
    ['orders-2_b', 'orders-2_b'],
    ['orders.paid', 'orders=2Epaid'],
    ['a b/*>', 'a=20b=2F=2A=3E'],
    ['_INBOX', '=5FINBOX'],
    ['$JS', '=24JS'],
    ['=2E', '=3D2E'],
  ] as const)
    assert.equal(tokenOf(name), token)
  fc.assert(fc.property(key, (name) => assert.match(tokenOf(name), /^[A-Za-z0-9=-][A-Za-z0-9=_~-]{0,159}$/)))
})

test('different names become different tokens, and different types different subjects', () => {
  fc.assert(
    fc.property(key, key, (one, other) => {
      assert.equal(tokenOf(one) === tokenOf(other), one === other)
      assert.equal(subjectOfType(one) === subjectOfType(other), one === other)
    }),
  )
  const long = 'x'.repeat(200)
  assert.notEqual(tokenOf(`${long}1`), tokenOf(`${long}2`))
})

test('a type is a subject of its domain and name; what is no such type is a subject too', () => {
  assert.equal(subjectOfType('Order.Placed'), 'Order.Placed')
  assert.equal(subjectOfType('a..b.'), 'a.=.b.=')
  fc.assert(
    fc.property(key, (type) => {
      const subject = subjectOfType(type)
      assert.ok(subject.length <= 320)
      assert.match(subject, /^[^.*>\s]+(?:\.[^.*>\s]+)*$/)
    }),
  )
})

test('subjects of topics never overlap, nor do those of dead letters', () => {
  fc.assert(
    fc.property(key, key, fc.constantFrom(undefined, 'p'), (one, other, prefix) => {
      const [first, second] = [namesOf(one, prefix), namesOf(other, prefix)]
      const subjects = new Set([first.subject, first.deadSubject, second.subject, second.deadSubject])
      const streams = new Set([first.stream, first.deadStream, second.stream, second.deadStream])
      assert.deepEqual([subjects.size, streams.size], one === other ? [2, 2] : [4, 4])
    }),
  )
})
