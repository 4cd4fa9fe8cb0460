// Fairness: a tenant that imports does not keep the others waiting. It is counted how many commits are stored between the moment at
// which a small tenant hands one in and its own; time is not measured.
import assert from 'node:assert/strict'
import { commit, oneTo, stored, stream } from '../event-store/given.ts'
import type { ContentionCase, GivenContention } from './given.ts'

const group = 'fairness'
/** Commits of the import that wait at any time. A store that answered in the order of the calls would store them all first. */
const waiting = 3000
/** Commits of the small tenant. Each of them keeps the bound, so the slowest in a hundred does. */
const samples = 25
/**
 * The small tenant's commit may wait for two groups that are on their way, and for its own. A group has 512 commits at most, and
 * the import takes what the others leave.
 */
const overtakenMax = 3 * 512

/** Commits of an import in another process, and of the small tenant beside it: each may wait for two groups, of some forty. */
const imported = 20_000
const besideImport = 8

/** Keeps `waiting` commits of an import at the store until `over` aborts. */
async function importing({ store }: GivenContention, over: AbortSignal): Promise<void> {
  let made = 0
  const lane = async (): Promise<void> => {
    while (!over.aborted) {
      made += 1
      const each = commit({ tenant: 'importer', commandId: `import-${made}`, streams: [stream(`i${made}`)] })
      await store.commit(each, { lane: 'bulk' })
    }
  }
  await Promise.all(oneTo(waiting).map(lane))
}

export const fairnessCases: readonly ContentionCase[] = [
  {
    group,
    needs: 'groups',
    name: 'a small tenant waits for a few groups while another one imports in bulk, not for the whole import',
    run: async (given) => {
      const { store, effort } = given
      let last = 0
      using _ = store.onAppend((together) => (last = together.at(-1)?.receipt.commitNo ?? last))
      const over = new AbortController()
      const importer = importing(given, over.signal)
      const overtaken: number[] = []
      try {
        for (const i of oneTo(samples * effort)) {
          const before = last
          const { commitNo } = await stored(store, commit({ tenant: 'small', streams: [stream('small', i - 1)] }))
          overtaken.push(commitNo - before - 1)
        }
      } finally {
        over.abort()
      }
      await importer
      const most = Math.max(...overtaken)
      assert.ok(most <= overtakenMax, `A commit of the small tenant waited for ${most} of the import.`)
      assert.ok(most > 0, 'The import did not run beside the small tenant.')
    },
  },
  {
    group,
    needs: 'manyWriters',
    name: 'a small tenant ends its work while another process imports in bulk',
    run: async (given) => {
      const { store, clock, effort } = given
      const commits = imported * effort
      const importer = given.playElsewhere({ part: 'import', name: 'import', commits, lanes: waiting })
      const work = async (): Promise<number> => {
        while ((await store.head()) === 0) await new Promise<void>((resolve) => clock.after(1, resolve))
        let last = 0
        for (const i of oneTo(besideImport))
          last = (await stored(store, commit({ tenant: 'small', streams: [stream('small', i - 1)] }))).commitNo
        return last
      }
      const [last] = await Promise.all([work(), importer])
      assert.ok(last < commits, `The import had stored ${last - besideImport} of its ${commits} commits.`)
      assert.equal(await store.head(), commits + besideImport)
    },
  },
]
