// PostgreSQL as test files ask for it.
import { findPrograms } from '../find.ts'
import type { OwnServer } from '../own/own-server.ts'
import { accessPrograms, accessServer } from '../run/access.ts'
import { createDatabase } from './databases.ts'
import type { TestDatabase } from './databases.ts'
import { launchPostgres } from './launch.ts'
import type { PostgresOptions } from './launch.ts'
import { postgres } from './postgres.ts'

export interface PostgresForTests {
  /** For `describe` and `test`: `false`, or the reason why there is no server. In CI it is `false`, and tests fail. */
  readonly skip: string | false
  /** An empty database in UTF-8. What is not disposed is dropped when the run ends. */
  newDatabase(): Promise<TestDatabase>
}

export interface OwnPostgresForTests {
  /** As in `PostgresForTests`. */
  readonly skip: string | false
  start(options?: PostgresOptions): Promise<OwnServer>
}

/** The server that all tests share. It may belong to somebody: create databases on it, and leave the rest alone. */
export async function postgresForTests(): Promise<PostgresForTests> {
  const { skip, get } = await accessServer(postgres)
  return {
    skip,
    newDatabase: async () => {
      const { url, run } = get()
      return createDatabase(url, run)
    },
  }
}

/** Servers of a test's own, which it may stop, crash and start again. Their superuser is `postgres`, without password. */
export async function ownPostgresForTests(): Promise<OwnPostgresForTests> {
  const { skip, get } = await accessPrograms(postgres)
  return { skip, start: async (options) => launchPostgres(get(), options) }
}

/** The same outside of tests: finds the programs first, and throws an error that says what to install. */
export async function startPostgres(options?: PostgresOptions): Promise<OwnServer> {
  return launchPostgres(await findPrograms(postgres), options)
}
