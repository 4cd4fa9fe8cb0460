// The file of seen events, `<path>.seen`. It does not wait for the disk: a power cut can take the last marks, which only means that
// a redelivery is not noticed. Each subscription is bounded: what was marked the longest ago goes first.
import { allRows, firstRow, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import { seen } from './migrations/seen/0001-seen.ts'
import { fileBytes, transaction } from './side-file.ts'
import type { SideFile } from './side-file.ts'

const findSeen = 'SELECT id FROM seen WHERE subscription = ? AND id IN (SELECT value FROM json_each(?))'
const removeMark = 'DELETE FROM seen WHERE subscription = ? AND id = ?'
const writeMark = 'INSERT INTO seen (subscription, id) VALUES (?, ?)'
const removeOldest =
  'DELETE FROM seen WHERE number IN (SELECT number FROM seen WHERE subscription = ? ORDER BY number LIMIT ?)'
const countSubscription = 'SELECT count(*) FROM seen WHERE subscription = ?'
const countAll = 'SELECT count(*) FROM seen'
const resetSubscription = 'DELETE FROM seen WHERE subscription = ?'
const resetAll = 'DELETE FROM seen'

export interface SeenOperations {
  seen(subscription: string, ids: readonly string[]): readonly string[]
  mark(subscription: string, ids: readonly string[], idsMax: number): void
  total(subscription: string | undefined): number
  reset(subscription: string | undefined): void
  details(): { readonly fileBytes: number }
}

export const seenFile: SideFile<SeenOperations> = {
  kind: {
    applicationId: 0x67657369,
    what: 'a file of seen events of gesta',
    next: 'Remove the file: without it a redelivery is not noticed, and nothing else is lost.',
  },
  modules: [{ name: 'seen', migrations: [seen] }],
  settings: 'PRAGMA synchronous = NORMAL',
  operations: prepareOperations,
}

function prepareOperations(db: Database): SeenOperations {
  const prepare = (sql: string) => prepareRows(db, sql)
  const find = prepare(findSeen)
  const remove = prepare(removeMark)
  const write = prepare(writeMark)
  const oldest = prepare(removeOldest)
  const count = prepare(countSubscription)
  const all = prepare(countAll)
  const reset = prepare(resetSubscription)
  /** Kept beside the rows, because counting them for every mark would read them all. */
  const counts = new Map<string, number>()
  const countOf = (subscription: string): number => {
    const known = counts.get(subscription) ?? Number(firstRow(count, subscription)?.[0])
    counts.set(subscription, known)
    return known
  }
  return {
    seen: (subscription, ids) => allRows(find, subscription, JSON.stringify(ids)).map(([id]) => String(id)),
    mark: (subscription, ids, idsMax) => {
      const before = countOf(subscription)
      const after = transaction(db, () => {
        let marked = before
        for (const id of ids) {
          marked += 1 - Number(remove.run(subscription, id).changes)
          write.run(subscription, id)
        }
        if (marked > idsMax) oldest.run(subscription, marked - idsMax)
        return Math.min(marked, idsMax)
      })
      counts.set(subscription, after)
    },
    total: (subscription) =>
      subscription === undefined ? Number(firstRow(all)?.[0]) : Number(firstRow(count, subscription)?.[0]),
    reset: (subscription) => {
      if (subscription === undefined) {
        db.exec(resetAll)
        counts.clear()
      } else {
        reset.run(subscription)
        counts.delete(subscription)
      }
    },
    details: () => ({ fileBytes: fileBytes(db) }),
  }
}
