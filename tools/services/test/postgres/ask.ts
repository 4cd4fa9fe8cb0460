// One statement on a connection of its own.
import { Client } from 'pg'

export async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement)
    return rows.map((row) => ({ ...row }))
  } finally {
    await client.end()
  }
}
