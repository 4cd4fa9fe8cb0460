// Many who decide on the same versions at the same time: one of them wins, whatever else they read.
import assert from 'node:assert/strict'
import { commit, oneTo, stored, stream, tenant } from '../event-store/given.ts'
import type { Deed } from './deed.ts'
import type { ContentionCapability, ContentionCase, GivenContention } from './given.ts'
import type { Part, PartReport } from './parts.ts'
import { checkStory } from './story.ts'

const group = 'conflicts'
const racers = 64
const processes = 4

/** Plays a part for all racers: in this process, or spread over several. */
type Players = (given: GivenContention, part: (name: string, racers: number) => Part) => Promise<readonly Deed[]>
const here: Players = async (given, part) => (await given.playHere(part('here', racers))).deeds
const elsewhere: Players = async (given, part) => {
  const play = (process: number): Promise<PartReport> => given.playElsewhere(part(`p${process}`, racers / processes))
  return (await Promise.all(oneTo(processes).map(play))).flatMap(({ deeds }) => deeds)
}

async function race(given: GivenContention, players: Players): Promise<void> {
  const versions = 30 * given.effort
  const deeds = await players(given, (name, count) => ({ part: 'race', name, racers: count, versions }))
  const log = await checkStory(given.store, deeds)
  assert.deepEqual(
    log.map(({ version }) => version),
    oneTo(versions),
  )
  assert.equal(deeds.filter(({ said }) => said.verdict === 'stored').length, versions)
}

async function skew(given: GivenContention, players: Players, begun: boolean): Promise<void> {
  const pairs = 20 * given.effort
  const beginnings: Deed[] = []
  if (begun) {
    for (const pair of oneTo(pairs)) {
      const both = commit({ streams: [stream(`left-${pair}`), stream(`right-${pair}`)] })
      beginnings.push({ commit: both, said: { verdict: 'stored', ...(await stored(given.store, both)) }, after: 0 })
    }
  }
  const deeds = await players(given, (name, count) => ({ part: 'skew', name, racers: count, pairs, begun }))
  await checkStory(given.store, [...beginnings, ...deeds])
  const version = begun ? 1 : 0
  for (const pair of oneTo(pairs)) {
    const sides = [`left-${pair}`, `right-${pair}`].map((id) => ({ tenant, aggregateType: 'Order', aggregateId: id }))
    const moved = (await given.store.versions(sides)).map((now) => now - version)
    assert.deepEqual(
      moved.toSorted((one, other) => one - other),
      [0, 1],
      `pair ${pair}`,
    )
  }
}

function casesOf(players: Players, where: string, needs: ContentionCapability | undefined): readonly ContentionCase[] {
  return [
    {
      group,
      needs,
      name: `of 64 racers ${where} exactly one wins each version of a stream`,
      run: (given) => race(given, players),
    },
    {
      group,
      needs,
      name: `of 64 racers ${where} who each begin one stream while another one does not exist, no two begin both`,
      run: (given) => skew(given, players, false),
    },
    {
      group,
      needs,
      name: `of 64 racers ${where} who each go on with one stream while another one stands still, no two move both`,
      run: (given) => skew(given, players, true),
    },
  ]
}

export const conflictCases: readonly ContentionCase[] = [
  ...casesOf(here, 'in one process', undefined),
  ...casesOf(elsewhere, 'in four processes', 'manyWriters'),
]
