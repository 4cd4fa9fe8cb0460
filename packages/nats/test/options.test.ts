import assert from 'node:assert/strict'
import test from 'node:test'
import { readServers } from '../src/server-address.ts'
import { natsBroker, natsBus, natsCoreBus } from '../src/index.ts'

const servers = '127.0.0.1'

test('options that do not exist, or are out of bounds, are refused before anything is opened', () => {
  assert.throws(() => natsBus({ servers, timeout: 1 } as never), /natsBus\(\) has no option "timeout"/)
  assert.throws(() => natsBus({ servers, attempsMax: 1 } as never), /Did you mean "attemptsMax"/)
  assert.throws(() => natsCoreBus({ servers, ackWaitMs: 1 } as never), /natsCoreBus\(\) has no option/)
  for (const wrong of [
    { servers: [] },
    { prefix: 'a.b' },
    { prefix: '' },
    { format: 'xml' },
    { timeoutMs: 9 },
    { keptMs: 59_999 },
    { replicas: 6 },
    { storage: 'disk' },
    { deduplicationMs: 99 },
    { deduplicationMs: true },
    { pipelined: 1 },
    { start: 'new' },
    { unordered: 'no' },
    { batchEventsMax: 0 },
    { ackWaitMs: 99 },
    { attemptsMax: 0 },
    { backoff: { firstMs: 2, maxMs: 1 } },
  ])
    assert.throws(() => natsBus({ servers, ...wrong } as never), /^(?:Range)?Error: Expected/)
  assert.throws(() => natsBroker({ servers, topic: '', source: 's' }), /Expected topic/)
  assert.throws(() => natsBroker({ servers, topic: 't', source: '' }), /Expected source/)
  assert.throws(() => natsBroker({ servers, topic: 't', source: 's', ackWaitMs: 100 } as never), /has no option/)
  assert.throws(() => natsCoreBus({ servers, waitingEventsMax: 0 }), RangeError)
})

test('addresses are hosts with or without scheme and port', () => {
  assert.deepEqual(readServers('a, nats://b:1,tls://c').addresses, ['a:4222', 'b:1', 'c:4222'])
  assert.deepEqual(readServers(['[::1]:4223']).addresses, ['[::1]:4223'])
  assert.deepEqual(readServers('tls://u:p%40@a'), { addresses: ['a:4222'], tls: true, user: 'u', password: 'p@' })
  assert.deepEqual(readServers('nats://t@a'), { addresses: ['a:4222'], tls: false, token: 't' })
})
