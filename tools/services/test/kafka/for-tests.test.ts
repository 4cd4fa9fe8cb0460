import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { kafkaForTests } from '../../src/index.ts'

const kafka = await kafkaForTests()

describe('topics for a test', { skip: kafka.skip }, () => {
  test('have names of their own, on a broker', () => {
    const [one, other] = [kafka.newTopics(), kafka.newTopics()]
    assert.notEqual(one.prefix, other.prefix)
    assert.match(one.prefix, /^gesta-test\.\d+\.\d+-\d+\.$/)
    assert.match(one.brokers[0] ?? '', /^[\w.-]+:\d+$/)
  })
})
