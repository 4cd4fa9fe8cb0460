// docs/guides/troubleshooting.md, "The stream of events does not connect": each refusal, and what mends it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { serveShop } from '../support/serve-shop.ts'
import { openStream } from '../runtime/stream-client.ts'
import { as, callers, people, serveWatched } from '../runtime/watched-shop.ts'

const events = '/api/tenants/acme/runtime/events'
const openOf = async (url: string): Promise<{ readonly [field: string]: unknown }> => {
  const headers = { ...as('root'), 'content-type': 'application/json' }
  const answer = await fetch(`${url}/api/tenants/SYSTEM/runtime/system-info`, { method: 'POST', headers, body: '{}' })
  assert.equal(answer.status, 200)
  return ((await answer.json()) as { readonly stream: { readonly [field: string]: unknown } }).stream
}

describe('a stream of events that does not connect', () => {
  test('401: nobody said who asks; with credentials it opens', async () => {
    await using shop = await serveWatched()
    await using refused = await openStream(`${shop.url}${events}`)
    assert.deepEqual([refused.status, (await refused.problem()).code], [401, 'unauthenticated'])
    await using opened = await openStream(`${shop.url}${events}`, as('ann'))
    assert.equal(opened.status, 200)
  })

  test('403: the permission is missing; once a group holds it, it opens', async () => {
    let held: readonly string[] = []
    await using shop = await serveWatched({}, () => peopleOf(held))
    await using refused = await openStream(`${shop.url}${events}`, as('ann'))
    assert.deepEqual([refused.status, (await refused.problem()).code], [403, 'permission_denied'])
    const { path } = await shop.running.permissions.explain(callers.ann, 'Runtime.EventStream')
    assert.deepEqual([path.at(-1)?.step, path.at(-1)?.result], ['groups', 'denied'])
    held = ['Runtime.EventStream']
    await shop.running.permissions.changed('tenant', 'acme')
    await using opened = await openStream(`${shop.url}${events}`, as('ann'))
    assert.equal(opened.status, 200)
  })

  test('429: too many are open; when one is closed, the next one opens', async () => {
    await using shop = await serveWatched()
    await using first = await openStream(`${shop.url}${events}`, as('ann'))
    await using second = await openStream(`${shop.url}${events}`, as('ann'))
    assert.deepEqual([first.status, second.status], [200, 200])
    await using third = await openStream(`${shop.url}${events}`, as('ann'))
    assert.deepEqual([third.status, (await third.problem()).code], [429, 'too_many_clients'])
    await first[Symbol.asyncDispose]()
    while (Number((await openOf(shop.url))['open']) > 1);
    await using fourth = await openStream(`${shop.url}${events}`, as('ann'))
    assert.equal(fourth.status, 200)
  })

  test('404: the app does not list the runtime domain, so nothing is served there', async () => {
    await using shop = await serveShop()
    await using wrong = await openStream(`${shop.url}${events}`)
    assert.deepEqual([wrong.status, (await wrong.problem()).code], [404, 'unknown_path'])
  })

  test('its state stands in the system information: whether it runs, how many are open, how many were refused', async () => {
    await using shop = await serveWatched()
    assert.deepEqual(await openOf(shop.url), {
      state: 'running',
      open: 0,
      openMax: 1_000,
      refused: 0,
      revoked: 0,
      shown: 0,
    })
    await using refused = await openStream(`${shop.url}${events}`, as('bob'))
    assert.equal(refused.status, 403)
    await using opened = await openStream(`${shop.url}${events}`, as('ann'))
    assert.equal(opened.status, 200)
    await opened.any()
    const { state, open, refused: count } = await openOf(shop.url)
    assert.deepEqual([state, open, count], ['running', 1, 1])
  })
})

/** The same people for the same permissions: a change is another object. */
const known = new Map<readonly string[], ReturnType<typeof people>>()
function peopleOf(held: readonly string[]): ReturnType<typeof people> {
  const found = known.get(held) ?? people(held)
  known.set(held, found)
  return found
}
