// The view that a process is ended in, with a table of its own.
import type { OwnTables, ViewName } from '@gesta/core/ports'

export const flushedView: ViewName = { name: 'orders', modelVersion: 1, generation: 1 }
export const flushedTables: OwnTables = {
  names: ['notes'],
  create: (table) => [`CREATE TABLE ${table('notes')} (id text PRIMARY KEY)`],
}
