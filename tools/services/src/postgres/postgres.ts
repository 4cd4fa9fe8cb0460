// PostgreSQL, as the search for servers sees it.
import type { Service } from '../service.ts'
import { openDatabaseRun } from './databases.ts'
import { greetPostgres } from './greet.ts'
import { launchPostgres } from './launch.ts'
import { locatePostgres } from './programs.ts'

export const postgres: Service = {
  name: 'postgres',
  title: 'PostgreSQL',
  variable: 'GESTA_TEST_POSTGRES_URL',
  standardUrls: [
    // What compose.yaml and Debian's packages set up; then what Homebrew does: a role of the user's name.
    'postgres://postgres:postgres@127.0.0.1:5432/postgres',
    `postgres://${encodeURIComponent(process.env['USER'] ?? 'root')}@127.0.0.1:5432/postgres`,
  ],
  debianPackage: 'postgresql',
  advice: 'Install PostgreSQL 15 or newer',
  greet: greetPostgres,
  locate: locatePostgres,
  launch: (programs) => launchPostgres(programs),
  openRun: openDatabaseRun,
}
