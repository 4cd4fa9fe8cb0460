// The limit of finding a correlation in a long log: one prepared statement on the very rows that gesta reads, each text parsed.
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'

/** Says how many records a correlation has. */
export interface BareCorrelations extends AsyncDisposable {
  find(correlationId: string): Promise<number>
}

const select = 'SELECT command_id, context, detail, payload FROM'
type Cells = readonly (string | null)[]

function parsed(rows: readonly Cells[]): number {
  return rows.map((texts) => texts.slice(1).map((text) => JSON.parse(String(text)) as unknown)).length
}

export function bareCorrelationsFile(path: string): BareCorrelations {
  const db = new DatabaseSync(path, { readOnly: true })
  const found = db.prepare(`${select} commits WHERE correlation_id = ? ORDER BY commit_no DESC LIMIT 10`)
  found.setReturnArrays(true)
  return {
    find: async (correlationId) => parsed(found.all(correlationId) as unknown as readonly Cells[]),
    [Symbol.asyncDispose]: async () => db.close(),
  }
}

export async function bareCorrelationsServer(url: string, schema: string): Promise<BareCorrelations> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const text = `${select} "${schema}".commits WHERE correlation_id = $1 ORDER BY commit_no DESC LIMIT 10`
  return {
    find: async (correlationId) => {
      const { rows } = await client.query<string[]>({ name: 'find', text, values: [correlationId], rowMode: 'array' })
      return parsed(rows)
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}
