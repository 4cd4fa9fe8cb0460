import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { deadTopicName, groupName, topicName } from '../src/names.ts'

const legal = /^[A-Za-z0-9._-]{1,249}$/
const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }),
  fc.stringMatching(/^(?:_[xh]\.)?[\w.-]{1,300}$/),
  fc.constantFrom('.', '..', 'a b', 'ü', '_x.a', '_h.a', 'x'.repeat(512)),
)

describe('names in Kafka', () => {
  test('are what they were, when Kafka takes them', () => {
    assert.equal(topicName('', 'order-events_v1.eu'), 'order-events_v1.eu')
    assert.equal(groupName('app.', 'orders', 'mails'), 'app.orders:mails')
    assert.equal(deadTopicName('app.', 'orders', 'mails'), 'app.orders.mails.dead')
  })

  test('are taken by Kafka, whatever the name is', () => {
    fc.assert(
      fc.property(name, name, fc.constantFrom('', 'p.', 'p'.repeat(100)), (topic, group, prefix) => {
        assert.match(topicName(prefix, topic), legal)
        assert.match(deadTopicName(prefix, topic, group), legal)
        assert.match(groupName(prefix, topic, group), /^\S{1,499}$/)
      }),
    )
  })

  test('are one name for one name alone', () => {
    fc.assert(
      fc.property(name, name, name, name, (topic, group, otherTopic, otherGroup) => {
        assert.equal(topicName('', topic) === topicName('', otherTopic), topic === otherTopic)
        assert.equal(
          groupName('', topic, group) === groupName('', otherTopic, otherGroup),
          topic === otherTopic && group === otherGroup,
        )
      }),
    )
  })
})
