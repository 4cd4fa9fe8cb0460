// The stores of the apps, as the harness reads them when everybody has left.
import { postgres } from '@gesta/postgres'
import { runtime } from '../../crash/src/runtime.ts'
import type { StoredEvent } from '@gesta/core/ports'
import type { Effect } from './check.ts'
import type { Opening } from './protocol.ts'

const pageEvents = 1_000

/** All effects of a group, in the order of its log. */
export async function effectsIn(store: Opening['store']): Promise<readonly Effect[]> {
  return (await eventsIn(store)).map(({ data, aggregateId }) => {
    const { number, eventId } = JSON.parse(data) as { readonly number: number; readonly eventId: string }
    return { key: aggregateId, number, eventId }
  })
}

export interface Source {
  readonly sent: readonly { readonly key: string; readonly number: number }[]
  /** Messages that the relay holds because they could not be sent. */
  readonly held: number
  /** Commits that it did not come to. */
  readonly behind: number
}

/** What the publisher has stored, and what its relay has left. */
export async function sourceIn(store: Opening['store']): Promise<Source> {
  await using backend = await postgres(store).open(runtime)
  const { outbox } = backend
  if (outbox === undefined) throw new Error('Expected a store with an outbox.')
  const sent = (await eventsIn(store)).map(({ data, aggregateId }) => ({
    key: aggregateId,
    number: (JSON.parse(data) as { readonly number: number }).number,
  }))
  return { sent, held: await outbox.total(), behind: (await outbox.after(await outbox.cursor(), 1_000)).length }
}

async function eventsIn(store: Opening['store']): Promise<readonly StoredEvent[]> {
  await using backend = await postgres(store).open(runtime)
  const all: StoredEvent[] = []
  for (;;) {
    const page = await backend.events.readAll({ after: all.at(-1)?.position ?? 0, limit: pageEvents })
    if (page.length === 0) return all
    all.push(...page)
  }
}
