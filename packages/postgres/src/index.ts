// @gesta/postgres: the store of gesta for many processes, on PostgreSQL.
export { postgresMigrations } from './migration-target.ts'
export type { PostgresOptions } from './options.ts'
export { postgres } from './postgres-backend.ts'
export { postgresCommandLog } from './postgres-command-log.ts'
export type { PostgresCommandLogOptions } from './postgres-command-log.ts'
export { postgresViews } from './postgres-views.ts'
export type { PostgresViewsOptions } from './postgres-views.ts'
