// Transactions of others that stay open: they delay no reader and slow no writer. Nothing here is timed: what must not wait for them
// is done, from beginning to end, while they are open.
import assert from 'node:assert/strict'
import { commit, oneTo, stored, stream, wholeLog } from '../event-store/given.ts'
import type { ContentionCapability, ContentionCase, GivenContention, OpenTransaction } from './given.ts'

const group = 'open transactions'

/** Commits and reads while the transaction is open: every commit is answered, and is read, before it ends. */
async function goesOn(given: GivenContention, transaction: OpenTransaction, commits: number): Promise<void> {
  const { store } = given
  await stored(store, commit({ streams: [stream('before')] }))
  {
    await using _ = await given.begin(transaction)
    for (const turn of oneTo(commits / 10)) {
      await Promise.all(oneTo(10).map((i) => stored(store, commit({ streams: [stream(`s${i}`, turn - 1)] }))))
      assert.equal(await store.head(), 1 + turn * 10)
      assert.equal((await store.readAll({ after: 1 + (turn - 1) * 10 })).length, 10)
    }
  }
  assert.deepEqual(
    (await wholeLog(store)).map(({ position }) => position),
    oneTo(1 + commits),
  )
}

function openCase(
  needs: ContentionCapability,
  transaction: OpenTransaction,
  name: string,
  commits: number,
): ContentionCase {
  return { group, needs, name, run: (given) => goesOn(given, transaction, commits * given.effort) }
}

export const transactionCases: readonly ContentionCase[] = [
  openCase(
    'openWriter',
    'open write',
    'a write transaction that is left open in the same database delays no reader',
    100,
  ),
  openCase(
    'openWriterElsewhere',
    'open write elsewhere',
    'a write transaction that is left open in another database of the server delays no reader',
    100,
  ),
  openCase('oldReader', 'old read', 'a read transaction that is left open slows no writer', 500),
  {
    group,
    needs: 'oldReader',
    name: 'read transactions that come and go beside one that stays leave the log as it was written',
    run: async (given) => {
      await using _ = await given.begin('old read')
      for (const turn of oneTo(5 * given.effort)) {
        await using _next = await given.begin('old read')
        const streams = oneTo(3).map((i) => stream(`s${i}`, 2 * turn - 2, ['1', '2']))
        await Promise.all(
          oneTo(20).map((i) => stored(given.store, commit({ streams: i === 1 ? streams : [stream(`t${i}`)] }))),
        )
      }
      const log = await wholeLog(given.store)
      assert.deepEqual(
        log.map(({ position }) => position),
        oneTo(25 * 5 * given.effort),
      )
    },
  },
]
