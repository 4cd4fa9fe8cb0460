// Tenants that use the same names at the same time: each is told, and reads, what it would have been told and read alone.
import assert from 'node:assert/strict'
import type { Commit } from '../../stores/commit.ts'
import { createMemoryEventStore } from '../../stores/event/memory-event-store.ts'
import type { EventStore, StoredEvent } from '../../stores/event/event-store.ts'
import type { StoredHeader } from '../../stores/commit.ts'
import { commit, oneTo, read, stream } from '../event-store/given.ts'
import { diceOf } from './dice.ts'
import type { ContentionCase } from './given.ts'

const group = 'tenants'
/** The last one is that of an app without tenants. */
const tenants = ['left', 'right', 'Left', ''] as const
const names = oneTo(4).map((i) => `s${i}`)

/** Commits of one tenant; ids, keys and streams come from few names, which all tenants share. */
function stepsOf(seed: number, tenant: string, count: number): readonly Commit[] {
  const dice = diceOf(seed)
  return oneTo(count).map((i) => {
    const data = JSON.stringify({ tenant, i })
    const expectation = (['any', 'any', 'noStream', 'exists', dice(4)] as const)[dice(5)] ?? 'any'
    const streams =
      dice(6) === 0
        ? []
        : [
            stream(
              `s${1 + dice(4)}`,
              expectation,
              oneTo(1 + dice(2)).map(() => data),
            ),
          ]
    const key = { sender: 'alice', key: `k${dice(6)}`, fingerprint: data }
    return commit({
      tenant,
      commandId: `c${dice(count)}`,
      recordedAt: 1_700_000_000_000_000 + i,
      context: data,
      answer: data,
      streams,
      reads: dice(4) === 0 ? [read(`s${1 + dice(4)}`, dice(3))] : [],
      idempotency: dice(3) === 0 ? key : undefined,
      jobs: dice(3) === 0 ? [{ type: 'Order.Remind', data }] : [],
    })
  })
}

/** What the store says of a tenant's commits, one after the other, without the numbers that count all tenants. */
async function toldTo(store: EventStore, steps: readonly Commit[]): Promise<readonly unknown[]> {
  const told: unknown[] = []
  for (const step of steps) {
    const said = await store.commit(step)
    if (said.verdict === 'stored') told.push({ ...said, commitNo: 0, position: 0 })
    else told.push(said.verdict === 'duplicate' ? { ...said, header: ownHeader(said.header) } : said)
  }
  return told
}

/** Everything that a tenant can read. */
async function readBy(store: EventStore, tenant: string, steps: readonly Commit[]): Promise<unknown> {
  const streams = names.map((aggregateId) => ({ tenant, aggregateType: 'Order', aggregateId }))
  const found: unknown[] = [await store.versions(streams), await store.total({ tenant })]
  for (const name of streams) found.push((await store.readStream({ ...name, limit: 10_000 })).map(ownEvent))
  found.push((await store.list({ tenant }, { limit: 10_000 })).items.map(ownEvent))
  for (const commandId of new Set(steps.map((step) => step.commandId))) {
    found.push(ownHeader(await store.header(tenant, commandId)), await store.parts(tenant, commandId))
    const event = await store.get({ tenant, commandId, index: 0 })
    found.push(event && ownEvent(event))
  }
  for (const key of oneTo(6).map((i) => `k${i - 1}`)) {
    const kept = await store.headerByKey({ tenant, sender: 'alice', commandType: 'Order.Change', key })
    found.push(kept && [ownHeader(kept.header), kept.fingerprint])
  }
  return found
}

function ownHeader(header: StoredHeader | undefined): unknown {
  return header && { ...header, commitNo: 0, position: 0 }
}
function ownEvent(event: StoredEvent): unknown {
  return { ...event, commitNo: 0, position: 0 }
}

const noRandomness = { newId: () => 'alone', random: () => 0, bytes: (length: number) => new Uint8Array(length) }

export const tenantCases: readonly ContentionCase[] = [
  {
    group,
    name: 'no commit of one tenant changes or shows a byte of another, although they share every name and are handed in at once',
    run: async ({ store, seed, effort }) => {
      const steps = tenants.map((tenant, at) => stepsOf(seed * 11 + at, tenant, 60 * effort))
      const together = await Promise.all(steps.map((own) => toldTo(store, own)))
      for (const [at, tenant] of tenants.entries()) {
        const own = steps[at] ?? []
        await using alone = createMemoryEventStore(noRandomness)
        assert.deepEqual(together[at], await toldTo(alone, own), `What "${tenant}" was told.`)
        assert.deepEqual(await readBy(store, tenant, own), await readBy(alone, tenant, own), `What "${tenant}" reads.`)
      }
    },
  },
]
