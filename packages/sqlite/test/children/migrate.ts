// Runs the migrations that its second argument holds as JSON, and prints what it applied, or the error.
import { runMigrations } from '@gesta/core/ports'
import type { MigrationModule } from '@gesta/core/ports'
import { sqliteMigrations } from '../../src/index.ts'
import { runtime } from '../place.ts'

const [path = '', modules = '[]'] = process.argv.slice(2)
try {
  const applied = await runMigrations(sqliteMigrations(path).target, JSON.parse(modules) as MigrationModule[], runtime)
  console.log(JSON.stringify(applied))
} catch (error) {
  console.log(String(error))
}
