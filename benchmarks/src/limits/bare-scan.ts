// The limit of reading the log: the same rows in the same order through the bare driver, each text parsed.
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'

/** Reads all events once; returns how many, so that nothing can be left out. */
export type Scan = () => Promise<number>

/** What is read of an event: data and context are texts, at 10 and 11; 2 and 3 are its id. */
export const columns = `events.position, events.commit_no, commits.command_id, events.idx, events.tenant, events.aggregate_type, events.aggregate_id,
  events.version, events.type, events.schema_version, events.data, commits.context, commits.recorded_at`
const pageRows = 1_000

export function scanFile(path: string): Scan {
  return async () => {
    const db = new DatabaseSync(path, { readOnly: true })
    try {
      const rows = db.prepare(`SELECT ${columns} FROM events JOIN commits USING (commit_no) ORDER BY events.position`)
      rows.setReturnArrays(true)
      let events = 0
      for (const row of rows.iterate() as Iterable<unknown> as Iterable<readonly unknown[]>) {
        parse(row)
        events++
      }
      return events
    } finally {
      db.close()
    }
  }
}

export function scanServer(url: string, schema: string): Scan {
  const text = `SELECT ${columns} FROM "${schema}".events JOIN "${schema}".commits USING (commit_no)
    WHERE events.position > $1 ORDER BY events.position LIMIT ${pageRows}`
  return async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      let events = 0
      for (let after: unknown = 0; ;) {
        const { rows } = await client.query<unknown[]>({ name: 'scan', text, values: [after], rowMode: 'array' })
        for (const row of rows) parse(row)
        events += rows.length
        if (rows.length < pageRows) return events
        after = rows.at(-1)?.[0]
      }
    } finally {
      await client.end()
    }
  }
}

/** What every reader does with a row: data and context are texts until then. */
function parse(row: readonly unknown[]): unknown {
  return [JSON.parse(String(row[10])), JSON.parse(String(row[11]))]
}
