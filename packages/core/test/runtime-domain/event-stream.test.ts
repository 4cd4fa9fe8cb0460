// The runtime event stream: the log as it grows, as far as the caller may see it, for as long as it may.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { forkLog, isGestaError, memory, systemContext, systemTenant } from '@gesta/core'
import type { Backend, GestaError, PlainDirectory, RequestContext } from '@gesta/core'
import type { ShownEvent, StreamOptions } from '@gesta/core/host'
import { createFakeClock, fakeRuntime, settled } from '../fake-clock.ts'
import { deaf } from '../interfering-store.ts'
import { clerk, people, reader, rival, root, runtimePlace, write } from './runtime-place.ts'
import type { RuntimePlace } from './runtime-place.ts'

interface Following {
  readonly events: ShownEvent[]
  /** Of `events`, the ids of what they are about. */
  readonly ids: readonly string[]
  /** `open`, `ended`, or the code of the error that it ended with. */
  readonly state: string
  readonly error: GestaError | undefined
  stop(): void
}

/** Follows until the stream ends; resolves once the caller was let in, or not. */
async function follow(
  place: RuntimePlace,
  caller: RequestContext,
  options: Partial<StreamOptions> = {},
): Promise<Following> {
  const events: ShownEvent[] = []
  const stop = new AbortController()
  const { stream } = place.host.runtime ?? assert.fail('the app has no runtime domain')
  const following = { state: 'waiting', error: undefined as GestaError | undefined }
  const entered = Promise.withResolvers<void>()
  const run = async (): Promise<void> => {
    try {
      const asked = { tenant: caller.tenant ?? '', signal: stop.signal, ...options }
      for await (const page of stream.open(caller, asked)) {
        following.state = 'open'
        entered.resolve()
        events.push(...page)
      }
      following.state = 'ended'
    } catch (error) {
      if (!isGestaError(error)) throw error
      following.error = error
      following.state = error.code
    }
    entered.resolve()
  }
  void run()
  await place.done(entered.promise)
  return {
    events,
    get ids() {
      return events.map(({ aggregateId }) => aggregateId)
    },
    get state() {
      return following.state
    },
    get error() {
      return following.error
    },
    stop: () => stop.abort(),
  }
}

const own = { domains: ['Note'] }
const revoked: PlainDirectory = {
  tenants: { ...people.tenants, acme: { ...people.tenants['acme'], identities: { reader: { groups: ['readers'] } } } },
}

describe('the event stream', () => {
  test('shows events of the own tenant from now on, without what is about a person', async () => {
    await using place = await runtimePlace()
    await place.note('before')
    const following = await follow(place, clerk)
    await place.note('a')
    await place.note('of another', rival)
    await place.note('b')
    await place.clock.advance(1_000)
    assert.deepEqual(following.ids, ['a', 'b'])
    const [first] = following.events
    assert.deepEqual(first?.data, { text: 'text of a', author: '[personal]' })
    assert.equal(first.tenant, 'acme')
    assert.equal(first.version, 1)
    assert.equal(first.type, 'Note.Written')
    following.stop()
    await settled()
    assert.equal(following.state, 'ended')
    assert.equal(place.host.runtime?.stream.status().open, 0)
  })

  test('shows those of all tenants to callers of the tenant SYSTEM, or those of one', async () => {
    await using place = await runtimePlace()
    const all = await follow(place, root, own)
    const app = await follow(place, systemContext(), { ...own, tenant: '' })
    const one = await follow(place, root, { ...own, tenant: 'rival' })
    await place.note('a')
    await place.note('r', rival)
    await place.clock.advance(1_000)
    assert.deepEqual(all.ids, ['a', 'r'])
    assert.deepEqual(app.ids, ['a', 'r'])
    assert.deepEqual(one.ids, ['r'])
  })

  test('shows no events of domains of which the caller may ask nothing', async () => {
    await using place = await runtimePlace()
    const following = await follow(place, reader)
    await place.note('a')
    await place.clock.advance(1_000)
    assert.equal(following.state, 'open')
    assert.deepEqual(following.events, [])
  })

  test('shows what the filters let pass', async () => {
    await using place = await runtimePlace()
    const byType = await follow(place, root, { types: ['Note.Other'] })
    const byId = await follow(place, root, { aggregateType: 'Note', aggregateId: 'b' })
    const byDomain = await follow(place, root, { domains: ['Other'] })
    for (const id of ['a', 'b', 'c']) await place.note(id)
    await place.clock.advance(1_000)
    assert.deepEqual([byType.ids, byId.ids, byDomain.ids], [[], ['b'], []])
  })

  test('goes on behind a token, with nothing left out and nothing twice', async () => {
    await using place = await runtimePlace()
    const ids = Array.from({ length: 600 }, (_, at) => `n${at}`)
    const first = await follow(place, clerk)
    for (const id of ids.slice(0, 300)) await place.note(id)
    await place.clock.advance(1_000)
    first.stop()
    const after = first.events[99]?.token
    for (const id of ids.slice(300)) await place.note(id)
    const second = await follow(place, clerk, { after })
    await place.clock.advance(1_000)
    assert.deepEqual(first.ids, ids.slice(0, 300))
    assert.deepEqual(second.ids, ids.slice(100))
  })

  test('shows what another process stored', async () => {
    await using one = await runtimePlace({ wrap: deaf() })
    await using other = await runtimePlace({ beside: one })
    const following = await follow(one, clerk)
    await other.note('a')
    await one.clock.advance(1_000)
    assert.deepEqual(following.ids, ['a'])
  })

  test('reads on when its reader does, and no sooner; one that leaves makes room', async () => {
    await using place = await runtimePlace()
    const first = await follow(place, clerk)
    for (let at = 0; at < 600; at++) await place.note(`n${at}`)
    await place.clock.advance(1_000)
    first.stop()
    const { stream } = place.host.runtime ?? assert.fail()
    const { signal } = new AbortController()
    const pages = stream.open(clerk, { tenant: 'acme', after: first.events[0]?.token, signal })[Symbol.asyncIterator]()
    const next = async (): Promise<readonly ShownEvent[]> => {
      const { value } = await place.done(pages.next())
      return (value as readonly ShownEvent[] | undefined) ?? []
    }
    assert.deepEqual(await next(), [])
    const shown = (await next()).length
    assert.ok(shown > 0 && shown < 599)
    const before = stream.status().shown
    await place.clock.advance(60_000)
    assert.equal(stream.status().shown, before)
    assert.equal(stream.status().open, 1)
    await pages.return?.()
    assert.equal(stream.status().open, 0)
  })

  test('keeps nobody waiting while it looks for what is far away in the log', async () => {
    await using place = await runtimePlace()
    const first = write({ noteId: 'first', text: 'text', author: 'Ann' })
    const { token: after } = await place.done(place.host.dispatch(first, { context: clerk }))
    for (let at = 0; at < 600; at++) await place.note(`n${at}`)
    await place.note('last')
    const following = await follow(place, clerk, { after, aggregateId: 'last' })
    assert.deepEqual(following.ids, [], 'the whole log was read at once')
    await place.clock.advance(0)
    assert.deepEqual(following.ids, ['last'])
    following.stop()
  })

  test('ends when the app stops', async () => {
    const place = await runtimePlace()
    const following = await follow(place, clerk)
    await place.done(Promise.resolve(place[Symbol.asyncDispose]()))
    assert.equal(following.state, 'ended')
    assert.equal(place.host.runtime?.stream.status().state, 'stopped')
  })
})

describe('who is revoked', () => {
  test('is shown nothing that was stored after the acknowledgement', async () => {
    await using place = await runtimePlace()
    const following = await follow(place, clerk)
    const stays = await follow(place, reader)
    await place.note('a')
    await place.clock.advance(1_000)
    await place.become(revoked, 'acme')
    await place.note('b', systemContext('acme'))
    await place.clock.advance(1_000)
    assert.deepEqual(following.ids, ['a'])
    assert.equal(following.state, 'permission_denied')
    assert.equal(stays.state, 'open')
    assert.equal(place.host.runtime?.stream.status().revoked, 1)
  })

  test('is noticed while nothing happens: the change itself is in the log', async () => {
    await using place = await runtimePlace()
    const following = await follow(place, clerk)
    await place.become(revoked, 'acme')
    await place.clock.advance(500)
    assert.equal(following.state, 'permission_denied')
    const page = await place.done(place.audit.list({ tenant: 'acme', action: 'Runtime.EventStream' }))
    assert.deepEqual(
      page.items.map(({ outcome, actor }) => [outcome, actor]),
      [['denied', 'clerk']],
    )
  })

  test('by a directory that tells nobody is noticed within the time that is said', async () => {
    let isGone = false
    const directory = {
      identity: async () => (isGone ? undefined : { groups: ['all'] }),
      group: async () => ({ permissions: ['*'] }),
      hasWorkspace: async () => false,
    }
    await using place = await runtimePlace({
      directory,
      permissions: { cachedMax: 1 },
      runtime: { stream: { recheckMs: 2_000 } },
    })
    const following = await follow(place, clerk)
    isGone = true
    // What is known of others pushes what is known of it out of the memory, which keeps one.
    await place.done(place.running.permissions.holds(reader, 'Note.Read'))
    await place.clock.advance(1_900)
    assert.equal(following.state, 'open')
    await place.clock.advance(200)
    assert.equal(following.state, 'permission_denied')
  })
})

describe('a stream is refused', () => {
  test('to who does not hold the permission, and for another tenant', async () => {
    await using place = await runtimePlace()
    const nobody = { ...clerk, identity: 'nobody' }
    for (const caller of [{}, nobody]) assert.equal((await follow(place, caller)).state, 'permission_denied')
    assert.equal((await follow(place, clerk, { tenant: 'rival' })).state, 'permission_denied')
    assert.equal((await follow(place, clerk, { tenant: systemTenant })).state, 'permission_denied')
    const { refused, open } = place.host.runtime?.stream.status() ?? {}
    assert.deepEqual({ refused, open }, { refused: 4, open: 0 })
  })

  test('beyond so many in all, of a tenant and of an identity; one that ends makes room', async () => {
    const stream = { openMax: 4, perTenantMax: 3, perIdentityMax: 2 }
    await using place = await runtimePlace({ runtime: { stream } })
    const first = await follow(place, clerk)
    const states = async (caller: RequestContext): Promise<string> => (await follow(place, caller)).state
    assert.equal(await states(clerk), 'open')
    const beyond = await follow(place, clerk)
    assert.deepEqual(beyond.error?.facts, { of: 'identity', max: 2 })
    assert.equal(await states(reader), 'open')
    assert.deepEqual((await follow(place, reader)).error?.facts, { of: 'tenant', max: 3 })
    assert.equal(await states(rival), 'open')
    assert.deepEqual((await follow(place, root)).error?.facts, { of: 'process', max: 4 })
    first.stop()
    await settled()
    assert.equal(await states(root), 'open')
  })

  test('with a token that lies beyond the end, of another history, or that is none', async () => {
    const kept = await memory().open(fakeRuntime(createFakeClock()))
    const opened = { ...kept, [Symbol.asyncDispose]: async () => undefined }
    const store: Backend = { backend: 'memory', open: async () => opened }
    const place = await runtimePlace({ store })
    const following = await follow(place, clerk)
    await place.note('a')
    await place.note('b')
    await place.clock.advance(1_000)
    const after = following.events[0]?.token ?? ''
    assert.equal((await follow(place, clerk, { after: 'no token' })).state, 'invalid_token')
    await using shorter = await runtimePlace()
    assert.equal((await follow(shorter, clerk, { after })).state, 'diverged')
    await place.done(Promise.resolve(place[Symbol.asyncDispose]()))
    await forkLog(store)
    await using forked = await runtimePlace({ store })
    assert.equal((await follow(forked, clerk, { after })).state, 'diverged')
  })

  test('by limits that make no sense, at set-up', async () => {
    await assert.rejects(runtimePlace({ runtime: { stream: { openMax: 0 } } }), /stream.openMax to be a whole number/)
    await assert.rejects(runtimePlace({ runtime: { streams: {} } as never }), /Did you mean "stream"/)
  })
})
