// The app of a group of consumers: each message has one effect, an event in the stream of its key. The command does not look whether
// it was there before: that is what its id is for.
import { aggregate, command, createApp, domain, event, subscriber } from '@gesta/core'
import type { App, AnyDomain } from '@gesta/core'
import { z } from 'zod'
import { Numbered } from './source-app.ts'

const noted = z.object({ number: z.int(), eventId: z.string() })
const note = command('Effect.Note', { input: noted.extend({ key: z.string() }) })
const Noted = event('Effect.Noted', noted)
const Page = aggregate('Page', () => 0).on(Noted, (_, { number }) => number)

export interface Watching {
  /** Called before the effect, at every attempt; waits as long as the consumer shall. */
  delivered(number: number, attempt: number): Promise<void>
  effected(number: number): void
}

export function createEffectApp(group: string, { delivered, effected }: Watching): App<AnyDomain> {
  const effects = subscriber('Effects').on(Numbered, async ({ key, number }, { attempt, dispatch, event: { id } }) => {
    await delivered(number, attempt)
    await dispatch(note({ key, number, eventId: id }))
    effected(number)
  })
  const handlers = [Page.decide(note, 'key', (_, { number, eventId }) => [Noted({ number, eventId })])] as const
  return createApp(`ledger-${group}`, {
    domains: [domain('Effect', { permissions: 'anonymous', handlers, aggregates: [Page], subscribers: [effects] })],
  })
}
