import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { createCommitLines } from '../../../src/stores/event/commit-lines.ts'
import type { CommitLines, WaitingCommit } from '../../../src/stores/event/commit-lines.ts'
import { commitOf } from './commits.ts'

interface Arrival {
  readonly tenant: string
  readonly writes: readonly string[]
  readonly reads: readonly string[]
  readonly key: string | undefined
  readonly bulk: boolean
  readonly characters: number
}
const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const arrival: fc.Arbitrary<Arrival> = fc.record({
  tenant: fc.constantFrom('t1', 't2', 't3'),
  writes: fc.uniqueArray(ids, { maxLength: 3 }),
  reads: fc.uniqueArray(ids, { maxLength: 2 }),
  key: fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined, freq: 4 }),
  bulk: fc.boolean(),
  characters: fc.integer({ min: 0, max: 60 }),
})
/** Commits arrive, and now and then a group is taken. */
const history = fc.array(
  fc.oneof({ weight: 5, arbitrary: arrival }, { weight: 1, arbitrary: fc.constant('take' as const) }),
  { maxLength: 120 },
)

function waitingOf({ bulk, characters, ...shape }: Arrival, number: number): WaitingCommit {
  const never = (): never => assert.fail('A line does not answer.')
  return {
    commit: commitOf({ ...shape, commandId: `c${number}` }),
    characters,
    bulk,
    signal: undefined,
    resolve: never,
    reject: never,
  }
}
/** Runs a history to its end and returns the groups. */
function groupsOf(lines: CommitLines, events: readonly (Arrival | 'take')[]): readonly (readonly WaitingCommit[])[] {
  const groups: (readonly WaitingCommit[])[] = []
  for (const [number, event] of events.entries()) {
    if (event !== 'take') lines.add(waitingOf(event, number), false)
    else if (lines.waiting() > 0) groups.push(lines.takeGroup())
  }
  while (lines.waiting() > 0) groups.push(lines.takeGroup())
  return groups
}
const limits = { groupMax: 8, groupCharactersMax: 100 }
const namesOf = ({ commit }: WaitingCommit, names: readonly { readonly aggregateId: string }[]) =>
  names.map(({ aggregateId }) => `${commit.tenant}/${aggregateId}`)

test('everything that waits is taken once, and no group is empty or over its limits', () => {
  fc.assert(
    fc.property(history, (events) => {
      const groups = groupsOf(createCommitLines(limits), events)
      const taken = groups.flat().map(({ commit }) => commit.commandId)
      assert.equal(taken.length, events.filter((event) => event !== 'take').length)
      assert.equal(new Set(taken).size, taken.length)
      for (const group of groups) {
        assert.ok(group.length > 0 && group.length <= limits.groupMax)
        const characters = group.reduce((sum, member) => sum + member.characters, 0)
        assert.ok(group.length === 1 || characters <= limits.groupCharactersMax)
      }
    }),
  )
})

test('a group writes each stream once, reads none that it writes, and holds each key once', () => {
  fc.assert(
    fc.property(history, (events) => {
      for (const group of groupsOf(createCommitLines(limits), events)) {
        const written = group.flatMap((member) => namesOf(member, member.commit.streams))
        assert.equal(new Set(written).size, written.length)
        for (const member of group) {
          const others = new Set(
            group.filter((other) => other !== member).flatMap((other) => namesOf(other, other.commit.streams)),
          )
          for (const name of namesOf(member, member.commit.reads)) assert.ok(!others.has(name))
        }
        const keys = group.flatMap(({ commit }) =>
          commit.idempotency === undefined ? [] : [`${commit.tenant}/${commit.idempotency.key}`],
        )
        assert.equal(new Set(keys).size, keys.length)
      }
    }),
  )
})

test('commits of one command id never share a group', () => {
  const lines = createCommitLines(limits)
  const one = waitingOf({ tenant: 't', writes: ['a'], reads: [], key: undefined, bulk: false, characters: 0 }, 1)
  lines.add(one, false)
  lines.add({ ...one, commit: { ...one.commit, streams: [] } }, false)
  assert.deepEqual([lines.takeGroup().length, lines.takeGroup().length], [1, 1])
})

test('commits of one tenant and lane that write one stream are taken in the order of their arrival', () => {
  fc.assert(
    fc.property(history, (events) => {
      const last = new Map<string, number>()
      for (const member of groupsOf(createCommitLines(limits), events).flat()) {
        const number = Number(member.commit.commandId.slice(1))
        // Only commits with a single stream: one with several may be overtaken on one of them while it waits for another.
        if (
          member.commit.streams.length !== 1 ||
          member.commit.reads.length > 0 ||
          member.commit.idempotency !== undefined
        )
          continue
        const line = `${member.bulk} ${namesOf(member, member.commit.streams).join()}`
        assert.ok(number > (last.get(line) ?? -1))
        last.set(line, number)
      }
    }),
  )
})

test('the first of a line is not passed over twice in a row by its own lane', () => {
  fc.assert(
    fc.property(fc.array(arrival, { minLength: 1, maxLength: 100 }), (arrivals) => {
      const lines = createCommitLines({ groupMax: 8, groupCharactersMax: 1000 })
      const waiting = arrivals.map((one, number) =>
        waitingOf({ ...one, tenant: 't1', bulk: false, characters: 0 }, number),
      )
      for (const one of waiting) lines.add(one, false)
      const left = new Set(waiting)
      while (left.size > 0) {
        const [first] = left
        const group = lines.takeGroup()
        assert.ok(group.includes(first as WaitingCommit))
        for (const member of group) left.delete(member)
      }
    }),
  )
})

test('tenants take turns: while two of them wait, neither gets two more places in a group than the other', () => {
  const plain = fc.record({ tenant: fc.constantFrom('t1', 't2', 't3', 't4'), bulk: fc.constant(false) })
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 100 }), (arrivals) => {
      const lines = createCommitLines(limits)
      const waiting = new Map<string, number>()
      for (const [number, { tenant, bulk }] of arrivals.entries()) {
        lines.add(
          waitingOf({ tenant, bulk, writes: [`s${number}`], reads: [], key: undefined, characters: 0 }, number),
          false,
        )
        waiting.set(tenant, (waiting.get(tenant) ?? 0) + 1)
      }
      while (lines.waiting() > 0) {
        const places = new Map<string, number>()
        for (const { commit } of lines.takeGroup()) places.set(commit.tenant, (places.get(commit.tenant) ?? 0) + 1)
        for (const [tenant, count] of places) waiting.set(tenant, (waiting.get(tenant) ?? 0) - count)
        for (const [tenant, left] of waiting) {
          if (left === 0) continue
          for (const count of places.values())
            assert.ok(count - (places.get(tenant) ?? 0) <= 1, 'a tenant that still waits got too few places')
        }
      }
    }),
  )
})

test('while both lanes wait, each is in one of any two groups, and the bulk lane fills at most a quarter that others could use', () => {
  const plain = fc.record({ bulk: fc.boolean(), hot: fc.boolean(), tenant: fc.constantFrom('t1', 't2') })
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 150 }), fc.constantFrom(1, 2, 8), (arrivals, groupMax) => {
      const lines = createCommitLines({ groupMax, groupCharactersMax: 1000 })
      const left = { normal: 0, bulk: 0 }
      for (const [number, { tenant, bulk, hot }] of arrivals.entries()) {
        lines.add(
          waitingOf(
            { tenant, bulk, writes: [hot ? 'hot' : `s${number}`], reads: [], key: undefined, characters: 0 },
            number,
          ),
          false,
        )
        left[bulk ? 'bulk' : 'normal'] += 1
      }
      let previous: { readonly normal: number; readonly bulk: number } | undefined
      while (left.normal > 0 && left.bulk > 0) {
        const group = lines.takeGroup()
        const bulk = group.filter((member) => member.bulk).length
        const got = { normal: group.length - bulk, bulk }
        if (previous !== undefined) assert.ok(got.normal + previous.normal > 0 && got.bulk + previous.bulk > 0)
        left.normal -= got.normal
        left.bulk -= got.bulk
        previous = left.normal > 0 && left.bulk > 0 ? got : undefined
      }
    }),
  )
})

test('an import leaves three quarters of a group to the others', () => {
  const lines = createCommitLines({ groupMax: 8, groupCharactersMax: 1000 })
  const shape = { tenant: 't', reads: [], key: undefined, characters: 0 }
  for (let number = 0; number < 200; number += 1)
    lines.add(waitingOf({ ...shape, writes: [`s${number}`], bulk: number % 2 === 0 }, number), false)
  for (let round = 0; round < 10; round += 1) assert.equal(lines.takeGroup().filter(({ bulk }) => bulk).length, 2)
})

test('a long line for one hot stream does not hold up others of its tenant that are within reach', () => {
  const lines = createCommitLines({ groupMax: 8, groupCharactersMax: 1000 })
  const shape = { tenant: 't', reads: [], key: undefined, characters: 0, bulk: false }
  for (let number = 0; number < 20; number += 1) lines.add(waitingOf({ ...shape, writes: ['hot'] }, number), false)
  lines.add(waitingOf({ ...shape, writes: ['cold'] }, 20), false)
  assert.deepEqual(
    lines.takeGroup().map(({ commit }) => commit.commandId),
    ['c0', 'c20'],
  )
})
