// Databases for stores on the server that tests share.
import type { BackendPlace } from '@gesta/core/conformance/event-store'
import { postgresForTests } from '@gesta/services'
import type { TestDatabase } from '@gesta/services'
import { postgres } from '../src/index.ts'
import type { PostgresOptions } from '../src/index.ts'
import { runtime } from './runtime.ts'

export { runtime }

const server = await postgresForTests()
export const { skip } = server
let database: Promise<TestDatabase> | undefined
let made = 0

/** A database for this file, dropped when the run ends. */
export async function databaseUrl(): Promise<string> {
  return (await (database ??= server.newDatabase())).url
}

/** A new schema in the database of this file. */
export async function newSchema(): Promise<{ readonly url: string; readonly schema: string }> {
  made += 1
  const schema = `store_${made}`
  return { url: await databaseUrl(), schema }
}

export async function newPlace(options?: Partial<PostgresOptions>): Promise<BackendPlace> {
  const schema = await newSchema()
  return { open: () => postgres({ ...schema, ...options }).open(runtime), remove: async () => undefined }
}
