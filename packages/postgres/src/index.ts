// @gesta/postgres: the store of gesta for many processes, on PostgreSQL.
export { postgresMigrations } from './migration-target.ts'
export type { PostgresOptions } from './options.ts'
export { postgres } from './postgres-backend.ts'
