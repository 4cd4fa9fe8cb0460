// All suites by name.
import { append } from './append.ts'
import { commands } from './commands.ts'
import { history } from './history.ts'
import { http } from './http.ts'
import { imports } from './import.ts'
import { large } from './large.ts'
import { oldSnapshot } from './old-snapshot.ts'
import { onPostgres } from './postgres.ts'
import { read } from './read.ts'
import { publish } from './publish.ts'
import { relay } from './relay.ts'
import { sse } from './sse.ts'
import type { Suite } from './suite.ts'

export const suites: ReadonlyMap<string, Suite> = new Map([
  ['commands', commands],
  ['append', append],
  ['history', history],
  ['http', http],
  ['publish', publish],
  ['sse', sse],
  ['postgres', onPostgres],
  ['relay', relay],
  ['old-snapshot', oldSnapshot],
  ['read', read],
  ['large', large],
  ['import', imports],
])
