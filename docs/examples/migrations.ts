import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dryRunMigrations, migrationStatus } from '@gesta/core/ports'
import type { MigrationModule } from '@gesta/core/ports'
import { sqlite, sqliteMigrations } from '@gesta/sqlite'
import { shop } from './shop.ts'

const loyalty: MigrationModule = {
  name: 'loyalty',
  dependsOn: ['log'],
  migrations: [
    { number: 1, name: 'cards', statements: ['CREATE TABLE cards (id TEXT PRIMARY KEY) STRICT'] },
    { number: 2, name: 'points', statements: ['ALTER TABLE cards ADD COLUMN points INTEGER NOT NULL DEFAULT 0'] },
  ],
}

const folder = await mkdtemp(join(tmpdir(), 'shop-'))
const path = join(folder, 'shop.db')
{
  await using _ = await shop.start({ store: sqlite(path) })
}
const { target, modules } = sqliteMigrations(path)
const status = await migrationStatus(target, modules)
for (const { module, number, name } of status.applied) console.log('applied', module, number, name)
for (const step of await dryRunMigrations(target, [...modules, loyalty]))
  console.log('would run', step.module, step.number, step.name, step.statements)
await rm(folder, { recursive: true })
