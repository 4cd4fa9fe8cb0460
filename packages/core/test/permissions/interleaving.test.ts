// Whatever order changes and commands come in, in one process or two: at its place in the log, every accepted command was permitted.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { RequestContext } from '@gesta/core'
import type { EventStore } from '../../src/stores/event/event-store.ts'
import { createSharedStore } from './shared-store.ts'
import type { Process } from './shared-store.ts'
import {
  ann,
  end,
  grant,
  inAcme,
  inSystem,
  revoke,
  sign,
  teamDirectory,
  teams,
  work,
  workDomain,
} from './team-domain.ts'

/** Each step begins at once; `turns` of the event loop pass before the next one. */
type Step = { readonly what: Action; readonly at: 0 | 1; readonly who: 'ann' | 'ben'; readonly turns: number }
type Action = (typeof actions)[number]
const actions = ['grant', 'revoke', 'work', 'work', 'work', 'sign', 'end'] as const

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...actions),
  at: fc.constantFrom(0, 1),
  who: fc.constantFrom('ann', 'ben'),
  turns: fc.integer({ min: 0, max: 6 }),
})

const contextOf = (who: string): RequestContext => ({ ...ann, identity: who, account: `a-${who}`, session: `s-${who}` })

function send({ running }: Process, { what, who }: Step): Promise<unknown> {
  const member = { identity: who, permission: 'Work.Do' }
  const context = contextOf(who)
  if (what === 'grant') return running.dispatch(grant(member), { context: inAcme })
  if (what === 'revoke') return running.dispatch(revoke(member), { context: inAcme })
  if (what === 'end') return running.dispatch(end({ kind: 'session', id: `s-${who}` }), { context: inSystem })
  return running.dispatch((what === 'work' ? work : sign)({ desk: what }), { context })
}

/** Reads the log from its start, with what it says of permissions so far. */
async function checkLog(events: EventStore): Promise<number> {
  const held = new Map<string, number>()
  const ended = new Set<string>()
  let accepted = 0
  for (const event of await events.readAll({ after: 0, limit: 10_000 })) {
    const { type, aggregateId, commandId, position } = event
    if (type === 'Team.Granted') held.set(aggregateId, (held.get(aggregateId) ?? 0) + 1)
    // The domain takes all of the same name away.
    if (type === 'Team.Revoked') held.set(aggregateId, 0)
    if (type === 'Team.Ended') ended.add(aggregateId)
    if (type !== 'Work.Done') continue
    accepted++
    const { identity = '', session = '' } = JSON.parse(event.context) as RequestContext
    assert.ok(!ended.has(`session:${session}`), `${commandId} at ${position} is of an ended session`)
    if (aggregateId === 'work')
      assert.ok((held.get(identity) ?? 0) > 0, `${commandId} at ${position} was not permitted`)
  }
  return accepted
}

describe('any interleaving of grants, revocations and commands', () => {
  for (const processes of [1, 2])
    test(`accepts nothing that was revoked before it, in ${processes === 1 ? 'one process' : 'two processes'}`, async () => {
      let accepted = 0
      let denied = 0
      const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const store = await createSharedStore()
        const apps: Process[] = []
        for (let at = 0; at < processes; at++)
          apps.push(await store.process([teams, workDomain()], { directory: teamDirectory }))
        const going: Promise<unknown>[] = []
        for (const one of steps) {
          const sent = send(apps[one.at % processes] as Process, one).catch((cause: { readonly code?: string }) => {
            assert.equal(cause.code, 'permission_denied')
            denied++
          })
          going.push(sent)
          for (let turn = 0; turn < one.turns; turn++) await store.clock.advance(1)
        }
        await store.clock.finish(Promise.all(going))
        accepted += await checkLog(store.events)
        for (const app of apps) await app[Symbol.asyncDispose]()
      })
      await fc.assert(property, { numRuns: 60 })
      assert.ok(accepted > 50 && denied > 50, `${accepted} accepted and ${denied} denied say enough`)
    })
})
