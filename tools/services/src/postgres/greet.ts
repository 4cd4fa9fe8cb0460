// A conversation with PostgreSQL that shows whether tests can use it.
import { Client } from 'pg'

/** Returns the version. Tests need databases of their own, so a role that may not create one is as good as no server. */
export async function greetPostgres(url: string): Promise<string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<{ role: string; creates: boolean; version: string }>(`
      select current_user as role, rolsuper or rolcreatedb as creates, current_setting('server_version') as version
      from pg_roles where rolname = current_user`)
    const [{ role, creates, version } = { role: '', creates: false, version: '' }] = rows
    if (!creates) throw new Error(`the role ${role} may not create databases`)
    return version.replace(/ .*/, '')
  } finally {
    await client.end()
  }
}
