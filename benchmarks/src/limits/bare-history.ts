// The limit of a history: one prepared statement on the very file that gesta reads, the newest events of one stream, each text parsed.
import { DatabaseSync } from 'node:sqlite'
import type { Subject } from '../measure.ts'
import { eventsPerStream, streamOf } from '../moves.ts'

export async function bareHistories(path: string, events: number): Promise<Subject> {
  const db = new DatabaseSync(path, { readOnly: true })
  const newest = db.prepare(
    `SELECT commits.command_id, events.idx, events.version, events.type, events.schema_version, events.data, commits.context, commits.recorded_at
     FROM events JOIN commits USING (commit_no) WHERE events.tenant = '' AND aggregate_type = 'Bench.Account' AND aggregate_id = ?
     ORDER BY events.version DESC LIMIT ${eventsPerStream}`,
  )
  newest.setReturnArrays(true)
  return {
    run: async (first, count) => {
      for (let index = first; index < first + count; index++) {
        const rows = newest.all(streamOf(events, index)) as unknown as readonly (readonly unknown[])[]
        const items = rows.map((row) => [row[0], JSON.parse(String(row[5])), JSON.parse(String(row[6]))])
        if (items.length !== eventsPerStream)
          throw new Error(`Expected ${eventsPerStream} items, ${items.length} came.`)
      }
    },
    [Symbol.asyncDispose]: async () => db.close(),
  }
}
