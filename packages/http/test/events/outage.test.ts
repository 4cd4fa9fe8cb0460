// The client's pauses, by a clock that the test moves. In a file of its own: no other test's timers may be on that clock.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from '../../src/client/index.ts'
import type { eventsApp } from './events-app.ts'

test('a client pauses between attempts at a server that is away, even if it asked for no pause', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  let calls = 0
  const away: typeof fetch = async () => {
    if (calls++ > 0) throw new TypeError('no route')
    return new Response('retry: 0\nid: a\n\n', { headers: { 'content-type': 'text/event-stream' } })
  }
  const pass = async (ms: number): Promise<void> => {
    context.mock.timers.tick(ms)
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  }
  const client = createClient<typeof eventsApp>({ baseUrl: 'http://localhost', fetch: away })
  using _ = client.Order.Shown.subscribe(() => undefined)
  while (calls < 2) await pass(1)
  for (let ms = 0; ms < 90; ms++) await pass(1)
  assert.equal(calls, 2)
  while (calls < 4) await pass(50)
})
