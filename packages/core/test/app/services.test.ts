// Services that know nothing of each other but their integration events: each is an app with a store of its own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aggregate, command, domain, event, integrationEvent, subscriber } from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { createMemoryTopicBus } from '@gesta/core/registry'
import { z } from 'zod'
import { catalogueOf } from '../../src/app/catalogue.ts'
import { start } from '../../src/app/start.ts'
import type { AnyDomain } from '../../src/app/domain.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import { until } from '../pump/notes-domain.ts'

/** What a service does: it takes a command, stores its own event, and tells the others. */
function service(name: string) {
  const act = command(`${name}.Act`, { input: z.object({ because: z.string() }) })
  const Acted = event(`${name}.Acted`, z.object({ because: z.string() }))
  const Told = integrationEvent(`${name}.Told`, z.object({ by: z.string(), because: z.string() }))
  const Service = aggregate(name, () => 0).on(Acted, (acts) => acts + 1)
  return {
    act,
    Told,
    /** The domain, with a subscriber that acts because of what others told. */
    hearing: (...others: readonly (typeof Told)[]): AnyDomain => {
      let hears = subscriber(`${name}.Hears`)
      for (const other of others)
        hears = hears.on(other, ({ by, because }, { dispatch }) =>
          dispatch(act({ because: `${by} because of ${because}` })),
        )
      return domain(name, {
        permissions: 'anonymous',
        roles: ['any'],
        handlers: [
          Service.decide(
            act,
            () => 'only',
            (_, { because }) => [Acted({ because }), Told({ by: name, because })],
          ),
        ] as never,
        emits: [Told] as never,
        subscribers: others.length === 0 ? [] : [hears],
      })
    },
  }
}

test('an event of service A reaches B and C, whose events reach D: each once, with trace, correlation and tenant', async () => {
  const clock = createFakeClock()
  const runtime = fakeRuntime(clock)
  await using bus = createMemoryTopicBus({ clock })
  const heard: (readonly [string, RequestContext])[] = []
  const [a, b, c, d] = [service('A'), service('B'), service('C'), service('D')]
  const listening = subscriber('Listens').onAny((data, { context }) => {
    heard.push([(data as { readonly because: string }).because, context])
  })
  const run = async (name: string, domains: readonly AnyDomain[]) => {
    const sources = [{ open: () => bus.subscribe('events', name) }]
    const broker = bus.publisher('events', { source: name })
    return start<string, string>(name, catalogueOf(domains), { role: 'worker', sources, broker }, runtime)
  }
  const listener = domain('L', { permissions: 'anonymous', handlers: [], subscribers: [listening] })
  const apps = [
    await run('a', [a.hearing()]),
    await run('b', [b.hearing(a.Told)]),
    await run('c', [c.hearing(a.Told)]),
    await run('d', [d.hearing(b.Told, c.Told), listener]),
  ]
  await clock.advance(10)
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const context = { tenant: 't-1', correlationId: 'co', traceparent }
  for (const because of ['one', 'two']) await apps[0]?.dispatch(a.act({ because }), { context })
  await until({ clock }, () => heard.length >= 4, 50)
  await clock.advance(5_000)
  assert.deepEqual(heard.map(([because]) => because).toSorted(), [
    'B because of A because of one',
    'B because of A because of two',
    'C because of A because of one',
    'C because of A because of two',
  ])
  for (const [, own] of heard) {
    const { targetTenant, correlationId, traceparent: trace } = own
    assert.deepEqual(
      { targetTenant, correlationId, trace },
      { targetTenant: 't-1', correlationId: 'co', trace: traceparent },
    )
  }
  await clock.finish(Promise.all(apps.map((app) => app[Symbol.asyncDispose]())))
})
