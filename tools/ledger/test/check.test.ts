// The harness finds what it looks for: every promise is broken once in what the stores are said to hold.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createBook } from '../src/book.ts'
import { findingsIn, findingsInSource } from '../src/check.ts'
import type { Effect } from '../src/check.ts'

const messages = 200
const book = createBook(messages, 8, 1, 60_000)
const everything = Array.from({ length: messages }, (_, at) => at + 1)
for (const number of everything.slice(0, -1)) book.acknowledge(number)
const wanted = everything.slice(0, -1)
/** As they lie in a log in which nothing is wrong. */
const effects: readonly Effect[] = wanted.map((number) => ({
  key: book.keyOf(number),
  number,
  eventId: `send-${number}.m0`,
}))
const effectOf = (number: number): Effect => effects[number - 1] as Effect
const found = (others: readonly Effect[], must: readonly number[] = wanted): string =>
  findingsIn('early', others, must, book, { inOrder: true }).join('\n')
/** Two messages of one key, next to each other among those of the key. */
const [before, behind] = [...book.keys.values()].find(({ length }) => length > 2) as [number, number]

test('effects of everything, once and in order, pass; the order of different keys does not matter', () => {
  assert.equal(found(effects), '')
  assert.equal(found(effects.toSorted((one, other) => one.key.localeCompare(other.key))), '')
})

test('a group that came late may have more than it must have', () => {
  assert.equal(found(effects, wanted.slice(100)), '')
  assert.equal(found(effects.slice(100), wanted.slice(100)), '')
})

describe('it is found when', () => {
  test('a message has no effect', () => {
    assert.match(
      found(effects.filter(({ number }) => number !== 17 && number !== 18)),
      /^The group early: expected an effect of each of 199 messages, found none of 17, 18\.$/,
    )
  })
  test('a message has two effects', () => {
    assert.match(
      found([...effects, { ...effectOf(17), eventId: 'send-17.m1' }]),
      /expected one effect of message 17, found a second one, of send-17\.m1; the first was of send-17\.m0\.$/,
    )
  })
  test('two messages of one key are in the wrong order', () => {
    const swapped = effects.map((effect) =>
      effect.number === before ? effectOf(behind) : effect.number === behind ? effectOf(before) : effect,
    )
    assert.match(found(swapped), new RegExp(`found that of message ${before} behind that of ${behind}\\.$`))
  })
  test('of unordered groups only what is lost, and what is there twice', () => {
    const turned = effects.toReversed()
    assert.deepEqual(findingsIn('early', turned, wanted, book, { inOrder: false }), [])
    assert.equal(findingsIn('early', turned.slice(1), wanted, book, { inOrder: false }).length, 1)
  })
  test('a message has an effect that nobody sent', () => {
    const stray = { ...effectOf(17), key: book.keyOf(messages), number: messages }
    assert.match(found([...effects, stray]), /expected no effect of message 200, which nobody sent, found one\.$/)
  })
  test('a message came with another key', () => {
    const changed = effects.map((effect) => (effect.number === 17 ? { ...effect, key: 'key-x' } : effect))
    assert.match(found(changed), /expected message 17 to have the key key-\d, found key-x\.$/)
  })
  test('the publisher has not stored what it acknowledged', () => {
    assert.match(
      findingsInSource(effects.slice(1), book).join('\n'),
      /^The group publisher: expected an effect of each of 199 messages, found none of 1\.$/,
    )
  })
})

test('whoever waits for what does not come is told what was expected, when nothing happens for a while', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const waiting = book.until(
    () => false,
    () => 'the broker to answer',
  )
  context.mock.timers.tick(59_999)
  book.effect('early', 1)
  context.mock.timers.tick(59_999)
  // What is there already is no progress.
  book.effect('early', 1)
  context.mock.timers.tick(1)
  await assert.rejects(waiting, /^Error: Expected the broker to answer; for 60 s nothing has happened\.$/)
})
