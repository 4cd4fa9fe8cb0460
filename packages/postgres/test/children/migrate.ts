// Runs the migrations that its second argument holds as JSON, and prints what it applied, or the error.
import { runMigrations } from '@gesta/core/ports'
import type { MigrationModule } from '@gesta/core/ports'
import { postgresMigrations } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { runtime } from '../runtime.ts'

const [options = '{}', modules = '[]'] = process.argv.slice(2)
try {
  const { target } = postgresMigrations(JSON.parse(options) as PostgresOptions)
  console.log(JSON.stringify(await runMigrations(target, JSON.parse(modules) as MigrationModule[], runtime)))
} catch (error) {
  console.log(String(error))
}
