import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApp, subscriber } from '@gesta/core'
import { Announced, Withdrawn } from '../account-domain.ts'
import { notebook, noting } from './notes-domain.ts'

describe('a subscriber is refused at set-up', () => {
  for (const [what, define, message] of [
    ['with an unknown option', () => subscriber('S', { durabel: true } as never), /durabel.*Did you mean "durable"/],
    ['with a name that is none', () => subscriber('send mail'), /Expected a subscriber's name.*received "send mail"/],
    ['with an unknown role', () => subscriber('S', { roles: ['wob' as 'web'] }), /roles of web, .* received "wob"/],
    ['with no attempt', () => subscriber('S', { attemptsMax: 0 }), /attemptsMax to be a whole number from 1/],
    ['with a lease that is too short', () => subscriber('S', { leaseMs: 10 }), /leaseMs to be a whole number from 300/],
    ['with an unknown beginning', () => subscriber('S', { from: 'now' as 'end' }), /from .* "start" or "end"/],
    [
      'that is not durable and has a lease',
      () => subscriber('S', { durable: false, leaseMs: 1_000 }),
      /is not durable, so it has neither from nor leaseMs/,
    ],
    [
      'with two functions for one event',
      () =>
        subscriber('S')
          .on(Withdrawn, () => undefined)
          .on(Withdrawn, () => undefined),
      /has \.on\(Account\.Withdrawn, \.\.\.\) twice/,
    ],
    ['without a function', () => subscriber('S').on(Withdrawn, undefined as never), /to be given a function/],
    ['without an event', () => noting(subscriber('S')), /The subscriber S of the domain Note has no event/],
    [
      'whose roles never receive what it waits for',
      () => noting(subscriber('S', { roles: ['web'] }).on(Announced, () => undefined)),
      /has integration events, which workers receive, but its roles are web\. Add "worker"/,
    ],
    ['that is none', () => noting(notebook), /lists Note in subscribers, but it is no subscriber/],
  ] as const) {
    test(what, () => {
      assert.throws(define, message)
    })
  }

  test('with the name of another one', () => {
    const one = subscriber('Same').on(Withdrawn, () => undefined)
    assert.throws(
      () =>
        createApp('bank', {
          domains: noting(
            one,
            subscriber('Same').onAny(() => undefined),
          ),
        }),
      /two subscribers and process managers named Same/,
    )
  })
})
