// Groups: commits that are handed in together are stored together, and yet each of them is told exactly what it would be told alone.
import assert from 'node:assert/strict'
import type { Commit } from '../../stores/commit.ts'
import { auditEntry, commit, oneTo, read, stream } from '../event-store/given.ts'
import { attempt } from './deed.ts'
import type { Deed, Said } from './deed.ts'
import { diceOf } from './dice.ts'
import type { Dice } from './dice.ts'
import type { ContentionCase } from './given.ts'
import { checkStory } from './story.ts'

const group = 'groups'
const members = 150

/** What a member is, and how it must be refused, if it must be. */
interface Member {
  readonly commit: Commit
  readonly refused?: Extract<Said, { verdict: 'refused' }>['code'] | 'mistake'
}

/** Made of few names, so that members meet; `earlier` is what the batch holds already. */
function memberOf(dice: Dice, commandId: string, earlier: readonly Member[]): Member {
  const name = (): string => `s${dice(20)}`
  const written = stream(name(), 'any', [JSON.stringify(commandId)])
  switch (dice(12)) {
    case 0:
      return { commit: commit({ commandId, streams: [{ ...written, expectation: dice(3) }] }) }
    case 1:
      return { commit: commit({ commandId, streams: [written], reads: [read(`t${dice(5)}`, dice(2))] }) }
    case 2:
      // The id of another member, with other content.
      return {
        commit: commit({
          commandId: earlier[dice(earlier.length + 1)]?.commit.commandId ?? commandId,
          streams: [written],
        }),
      }
    case 3:
      return {
        commit: commit({
          commandId,
          streams: [written],
          idempotency: { sender: 'alice', key: `k${dice(4)}`, fingerprint: commandId },
        }),
      }
    case 4:
      return {
        commit: commit({ commandId, streams: [written, stream('bad', 'any', ['"\0"'])] }),
        refused: 'invalid_output',
      }
    case 5:
      return { commit: commit({ commandId, streams: [written, stream('bad\0')] }), refused: 'invalid_key' }
    case 6:
      return { commit: commit({ commandId, streams: [written, written] }), refused: 'mistake' }
    case 7:
      return {
        commit: commit({ commandId, outcome: 'rejected', answer: '{"code":"no"}', reads: [read(name(), dice(2))] }),
      }
    case 8:
      return {
        commit: commit({
          commandId,
          streams: [{ ...written, expectation: 'noStream' }, stream(`t${dice(5)}`, 'any', ['1', '2'])],
        }),
      }
    case 9: {
      // Several streams, the last of which may conflict: all of it is there, or nothing.
      const several = [
        stream(`a${dice(9)}`),
        stream(`b${dice(9)}`),
        stream(`c${dice(9)}`, dice(2) === 0 ? 'exists' : 'noStream'),
      ]
      return {
        commit: commit({
          commandId,
          streams: several,
          jobs: [{ type: 'Order.Remind', data: JSON.stringify(commandId) }],
        }),
      }
    }
    default:
      return { commit: commit({ commandId, streams: [written] }) }
  }
}

export const groupCases: readonly ContentionCase[] = [
  {
    group,
    name: 'members that conflict, repeat an id or a key, carry refused text or name a stream twice are told just that, and harm no neighbour',
    run: async ({ store, seed, effort }) => {
      const deeds: Deed[] = []
      for (const batch of oneTo(6 * effort)) {
        const dice = diceOf(seed * 31 + batch)
        const given: Member[] = []
        for (const i of oneTo(members)) given.push(memberOf(dice, `b${batch}-${i}`, given))
        const after = deeds.reduce(
          (last, { said }) => (said.verdict === 'stored' ? Math.max(last, said.commitNo) : last),
          0,
        )
        const said = await Promise.all(given.map((member) => attempt(store, member.commit, after)))
        deeds.push(...said)
        for (const [at, { refused }] of given.entries()) {
          const verdict = said[at]?.said
          if (refused === undefined) assert.notEqual(verdict?.verdict, 'refused', JSON.stringify(given[at]))
          else assert.deepEqual(verdict, { verdict: 'refused', code: refused === 'mistake' ? undefined : refused })
        }
      }
      await checkStory(store, deeds)
      for (const verdict of ['stored', 'conflict', 'duplicate'])
        assert.ok(
          deeds.some(({ said }) => said.verdict === verdict),
          `No member was ${verdict}.`,
        )
    },
  },
  {
    group,
    name: 'parts of a commit are there when its events are, and only then',
    run: async ({ store, seed, effort }) => {
      const dice = diceOf(seed)
      const given = oneTo(100 * effort).map((i) => {
        const data = JSON.stringify(i)
        const parts = {
          messages: [{ key: `a${i}`, type: 'Order.Sent', schemaVersion: 1, data }],
          jobs: [{ type: 'Order.Remind', data }],
        }
        const streams = [stream(`a${i}`), stream(`b${dice(25)}`, dice(2) === 0 ? 'noStream' : 'any'), stream(`c${i}`)]
        return commit({ commandId: `c${i}`, streams, ...parts, audit: [auditEntry('Order.Place', data)] })
      })
      const deeds = await Promise.all(given.map((each) => attempt(store, each, 0)))
      await checkStory(store, deeds)
      for (const { commit: each, said } of deeds) {
        const { messages, jobs, audit } = each
        const parts = await store.parts(each.tenant, each.commandId)
        assert.deepEqual(parts, said.verdict === 'stored' ? { messages, jobs, audit } : undefined)
      }
    },
  },
]
