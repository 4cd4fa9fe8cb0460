// A place for migrations: a file that is not there yet, and processes that migrate it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { MigrationPlace } from '@gesta/core/conformance/migrations'
import { sqliteMigrations } from '../../src/index.ts'
import { runChild } from '../children/run.ts'
import { newFolder, runtime } from '../place.ts'

export async function newMigrationPlace(): Promise<MigrationPlace> {
  const folder = await newFolder()
  const path = join(folder.path, 'store.db')
  const texts = async (select: string): Promise<readonly string[]> => {
    if (!existsSync(path)) return []
    const db = new DatabaseSync(path)
    try {
      return db
        .prepare(select)
        .all()
        .flatMap((row) => Object.values(row).map(String))
    } finally {
      db.close()
    }
  }
  return {
    runtime,
    newTarget: () => sqliteMigrations(path).target,
    tables: () => texts("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"),
    texts,
    migrateElsewhere: (modules) => {
      const child = runChild('migrate.ts', path, JSON.stringify(modules))
      return { ended: Array.fromAsync(child.lines).then((lines) => lines.join('\n')), kill: child.kill }
    },
    remove: async () => folder[Symbol.asyncDispose](),
  }
}
