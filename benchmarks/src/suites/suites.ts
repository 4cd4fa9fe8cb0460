// All suites by name.
import { append } from './append.ts'
import { cache } from './cache.ts'
import { commandLog, commandLogParts } from './command-log/command-log.ts'
import { commandParts, commands } from './commands.ts'
import { history } from './history.ts'
import { http } from './http.ts'
import { identity, identityParts } from './identity/identity.ts'
import { imports } from './import.ts'
import { jobParts, jobs } from './jobs/jobs.ts'
import { large } from './large.ts'
import { oldSnapshot } from './old-snapshot.ts'
import { onPostgres } from './postgres.ts'
import { permissionParts, permissions } from './permissions/permissions.ts'
import { publish } from './publish.ts'
import { readModels } from './read-models/read-models.ts'
import { read } from './read.ts'
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
  ['read-models', readModels],
  ['command-log', commandLog],
  ['permissions', permissions],
  ['identity', identity],
  ['jobs', jobs],
  ['large', large],
  ['import', imports],
  ['cache', cache],
])

/** Parts of suites that can be measured alone. */
export const parts: ReadonlyMap<string, Suite> = new Map(
  [
    ['commands', commandParts] as const,
    ['command-log', commandLogParts] as const,
    ['permissions', permissionParts] as const,
    ['identity', identityParts] as const,
    ['jobs', jobParts] as const,
  ].flatMap(([suite, partsOf]) => [...partsOf].map(([name, part]) => [`${suite}/${name}`, part] as const)),
)
