// The public API of @gesta/sqlite.
export { backup } from './backup.ts'
export type { Backup } from './backup.ts'
export { sqliteCommandLog } from './command-log-store.ts'
export type { SqliteCommandLogOptions } from './command-log-store.ts'
export { sqliteMigrations } from './migration-target.ts'
export { sqlite } from './sqlite-backend.ts'
export type { SqliteOptions } from './sqlite-backend.ts'
export { sqliteViews } from './sqlite-views.ts'
