// SQLite: a file in a temporary folder.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '@gesta/sqlite'
import type { Place } from './place.ts'
import { runtime } from './runtime.ts'

export async function newSqlitePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'gesta-crash-'))
  const at = join(folder, 'store.db')
  return {
    store: 'sqlite',
    steps: ['begun', 'checked', 'inserted', 'committing', 'committed', 'checkpointing'],
    harms: [],
    opening: (crash) => ({ store: 'sqlite', at, crash }),
    open: () => sqlite(at).open(runtime),
    // What a process of SQLite's does ends with the process.
    quiet: async () => undefined,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
