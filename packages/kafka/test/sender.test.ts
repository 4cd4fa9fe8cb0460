import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { kafkaForTests } from '@gesta/services'
import type { Message } from '../src/messages.ts'
import { settingsOf } from '../src/options.ts'
import { openSender } from '../src/sender.ts'
import { forEver } from './given.ts'
import { runtime } from './runtime.ts'

const kafka = await kafkaForTests()

describe('a sender', { skip: kafka.skip }, () => {
  test('sends what comes in the moment in which it has found that nothing waits', async () => {
    const { brokers, prefix } = kafka.newTopics()
    const message: Message = { topic: `${prefix}orders`, value: Buffer.from('{}'), headers: [] }
    const sender = await openSender(settingsOf({ brokers }, ['brokers'], 'the test'), runtime)
    let outcome = 'nothing'
    const sendLast = (): void =>
      void sender.send([message], forEver).then(
        () => (outcome = 'sent'),
        (error: unknown) => (outcome = String(error)),
      )
    // The sender looks at it for the last time when nothing else waits, and the caller has given up.
    const reason = new Error('enough')
    const givenUp = new AbortController()
    let looks = 0
    Object.defineProperty(givenUp.signal, 'aborted', {
      get: () => {
        looks += 1
        queueMicrotask(sendLast)
        return true
      },
    })
    Object.defineProperty(givenUp.signal, 'reason', { value: reason })
    Object.defineProperty(givenUp.signal, 'throwIfAborted', { value: () => undefined })
    const first = sender.send([message], forEver)
    await assert.rejects(sender.send([message], givenUp.signal), (error) => error === reason)
    await first
    // It ends when everything was sent.
    await sender[Symbol.asyncDispose]()
    await turn()
    assert.deepEqual([looks, outcome], [1, 'sent'])
  })
})
