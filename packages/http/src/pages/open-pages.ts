// Makes what the pages work with, and refuses at the start what they could not work with.
import type { Running } from '@gesta/core'
import type { RouteTable } from '../route-table.ts'
import type { Serving } from '../serving.ts'
import { neededContracts } from './needed-contracts.ts'
import { createPendingSignIns } from './pending-sign-in.ts'
import type { Pages } from './visit.ts'
import { createVisitors } from './visitors.ts'

/** Absent without the option `pages`. Errors: plain ones, each a sentence that says what to change. */
export function openPages(app: Running<string, string>, serving: Serving, table: RouteTable): Pages | undefined {
  const { host, settings, limit } = serving
  const { pages, sessions, whoAsks } = settings
  if (pages === undefined) return undefined
  if (sessions === undefined || whoAsks === undefined)
    throw new Error('serve: pages sign people in, so they need sessions: `await identity.open(running)` gives them.')
  const contracts = neededContracts(table, sessions)
  return {
    serving,
    settings: pages,
    contracts,
    visitors: createVisitors({ host, sessions, contracts, whoAsks, settings, limit }),
    pending: createPendingSignIns(app.stores.credentials),
  }
}
