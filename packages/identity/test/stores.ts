// Stores that behaviours are tried on: in memory, in a file, and for what processes share on PostgreSQL.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { postgres } from '@gesta/postgres'
import { postgresForTests } from '@gesta/services'
import type { TestDatabase } from '@gesta/services'
import { sqlite } from '@gesta/sqlite'

export interface StorePlace extends AsyncDisposable {
  readonly store: Backend
}
export const storesOfOne: { readonly [name: string]: () => Promise<StorePlace> } = {
  memory: async () => ({ store: memory(), [Symbol.asyncDispose]: async () => undefined }),
  SQLite: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gesta-identity-'))
    return { store: sqlite(join(folder, 'shop.db')), [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
  },
}

const server = await postgresForTests()
/** Why there is no PostgreSQL. */
export const { skip } = server
let database: Promise<TestDatabase> | undefined
let made = 0

/** A new schema, dropped with its database when the run ends. Each app opens a backend of its own. */
export async function sharedStore(): Promise<() => Backend> {
  const { url } = await (database ??= server.newDatabase())
  const schema = `identity_${++made}`
  return () => postgres({ url, schema })
}
