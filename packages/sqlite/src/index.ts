// The public API of @gesta/sqlite.
export { sqlite } from './sqlite-backend.ts'
export type { SqliteOptions } from './sqlite-backend.ts'
