// An app that shows what it is told to, and a server of it on which a header says who asks: the tests of streams run on it.
import { aggregate, command, createApp, domain, event, presentationEvent } from '@gesta/core'
import type { RequestContext, Running } from '@gesta/core'
import { createFanout } from '@gesta/core/registry'
import type { FanoutHub, FanoutOptions } from '@gesta/core/registry'
import type { Asking } from '@gesta/core/conformance/fanout'
import { z } from 'zod'
import { serve } from '../../src/index.ts'
import type { EventsOptions, HttpRequest, ServeOptions, Server } from '../../src/index.ts'

export const place = command('Order.Place', { input: z.object({ orderId: z.string() }) })
export const Placed = event('Order.Placed', z.object({}))
export const Shown = presentationEvent('Order.Shown', z.object({ n: z.int() }))
export const Shipped = presentationEvent('Order.Shipped', z.object({ n: z.int() }))
const Order = aggregate('Order', () => 0).on(Placed, (n) => n + 1)

const orders = domain('Order', {
  roles: ['web'],
  permissions: 'anonymous',
  emits: [Shown, Shipped],
  handlers: [Order.decide(place, 'orderId', (n) => [Placed({}), Shown({ n: n + 1 })])],
})
export const eventsApp = createApp('events', { domains: [orders] })

export interface ServedEvents extends AsyncDisposable {
  readonly url: string
  readonly hub: FanoutHub
  readonly running: Running<'Order.Place', never>
  readonly server: Server
  readonly logged: readonly object[]
}

export async function serveEvents(
  options: FanoutOptions = {},
  events: Partial<EventsOptions> = {},
  served: ServeOptions = {},
): Promise<ServedEvents> {
  const hub = createFanout(options)
  const running = await eventsApp.start({ fanout: hub })
  const logged: object[] = []
  const keep = (facts: object): void => void logged.push(facts)
  const server = await serve(running, {
    port: 0,
    logger: { error: keep, warn: keep },
    authenticate: askedBy,
    events: { fanout: hub, audience: labelsOf, ...events },
    ...served,
  })
  return {
    url: server.url,
    hub,
    running,
    server,
    logged,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await running[Symbol.asyncDispose]()
      await hub[Symbol.asyncDispose]()
    },
  }
}

/** The header with which a test says who asks. */
export function askingHeaders({ tenant, identity, audience }: Asking): { readonly [name: string]: string } {
  return { 'x-asking': JSON.stringify({ tenant, identity, attributes: { labels: JSON.stringify(audience ?? []) } }) }
}

function askedBy({ headers }: HttpRequest): RequestContext | undefined {
  const { 'x-asking': text } = headers
  return typeof text === 'string' ? (JSON.parse(text) as RequestContext) : undefined
}

function labelsOf(caller: RequestContext | undefined): readonly string[] {
  return JSON.parse(caller?.attributes?.['labels'] ?? '[]') as readonly string[]
}

/** The route with what a client asks for. */
export function eventsUrl(url: string, { types, after }: Asking): string {
  const query = new URLSearchParams()
  if (types !== undefined) query.set('types', types.join(','))
  if (after !== undefined) query.set('after', after)
  return `${url.replace(/\/$/, '')}/api/events?${query.toString()}`
}
