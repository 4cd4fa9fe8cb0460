// The lists of the runtime domain: what the app is made of, as far as the caller may see it. Every row is a copy.
import type { Handler } from '../contracts/contract.ts'
import type { HandlerContext } from '../dispatch/handler.ts'
import type { OpenBackend } from '../stores/backend.ts'
import type { Store } from '../stores/store.ts'
import * as asked from './contracts.ts'
import type { RuntimeContract } from './contracts.ts'
import { eventHandlerRows } from './event-handlers.ts'
import { introspecting } from './introspecting.ts'
import type { Introspection, KnownContract } from './introspection.ts'
import { listPage, thoseThat } from './list-page.ts'
import type { EventRow, HandlerRow, JobRow, ListInput, ListPage, MessageRow, StoreRow } from './rows.ts'
import { sightOf } from './sight.ts'
import { rowOf } from './store-info.ts'

type Answer<Row> = (input: ListInput, context: HandlerContext) => Promise<ListPage<Row>>
type Make<Row> = (app: Introspection) => Answer<Row>

const permissions: Make<ReturnType<Introspection['permissions']['list']>[number]> =
  (app) =>
  async (input, { context }) => {
    const sight = sightOf(app, context)
    const seen = await thoseThat(app.permissions.list(), ({ name }) => sight.sees(name))
    const rows = seen.map((entry) => ({ ...entry, implies: [...entry.implies] }))
    return listPage(rows, input)
  }

const messages =
  (kind: 'command' | 'query'): Make<MessageRow> =>
  (app) =>
  async (input, { context }) => {
    const sight = sightOf(app, context)
    const seen = await thoseThat(ofKind(app, kind), ({ contract }) => sight.sees(contract.type))
    return listPage(seen.map(messageRow), input)
  }

const events: Make<EventRow> =
  (app) =>
  async (input, { context }) => {
    const sight = sightOf(app, context)
    const seen = await thoseThat(app.events, ({ domain }) => sight.seesEventsOf(domain))
    const rows = seen.map(({ domain, contract, aggregates, handlers }): EventRow => ({
      ...named(domain, contract.type),
      category: contract.category ?? 'domain',
      schemaVersion: contract.schemaVersion ?? 1,
      personal: [...(contract.personal?.fields ?? [])],
      aggregates: [...aggregates],
      handlers: [...handlers],
    }))
    return listPage(rows, input)
  }

const jobs: Make<JobRow> = (app) => async (input) => {
  const rows = ofKind(app, 'job').map(({ domain, contract, roles }): JobRow => ({
    ...named(domain, contract.type),
    roles: [...roles],
    hasInput: contract.input !== undefined,
  }))
  return listPage(rows, input)
}

const handlers =
  (kind: 'command' | 'query'): Make<HandlerRow> =>
  (app) =>
  async (input) => {
    const rows = ofKind(app, kind).map(({ domain, contract, handledBy, aggregate, roles }): HandlerRow => ({
      name: contract.type,
      domain,
      handledBy,
      aggregate,
      roles: [...roles],
    }))
    return listPage(rows, input)
  }

/** The ports of a backend, by the names that operators know. */
const storesOf = ({
  events: event,
  commandLog: command,
  audit,
  snapshots,
  leases,
  keys,
  credentials,
  data,
  cache,
  log,
  outbox,
  seen,
}: OpenBackend): { readonly [name: string]: Pick<Store, 'info'> } => {
  return {
    event,
    command,
    audit,
    snapshot: snapshots,
    lease: leases,
    key: keys,
    credential: credentials,
    data,
    cache,
    log,
    outbox,
    seen,
  }
}

export async function storeRows({ backend }: Introspection): Promise<readonly StoreRow[]> {
  return Promise.all(Object.entries(storesOf(backend)).map(([name, store]) => rowOf(name, store)))
}

function ofKind({ contracts }: Introspection, kind: 'command' | 'query' | 'job'): readonly KnownContract[] {
  return contracts.filter(({ contract }) => contract.kind === kind)
}

function messageRow({ domain, contract, roles, level }: KnownContract): MessageRow {
  const { type, description = type, audited = false, input, resultName, rejections = {} } = contract
  return {
    ...named(domain, type),
    description,
    level: level ?? 'custom',
    roles: [...roles],
    audited,
    hasInput: input !== undefined,
    result: resultName,
    rejections: Object.keys(rejections),
  }
}

function named(
  domain: string,
  name: string,
): { readonly name: string; readonly domain: string; readonly type: string } {
  return { name, domain, type: name.slice(domain.length + 1) }
}

export const listHandlers: readonly Handler<RuntimeContract>[] = [
  introspecting(asked.PermissionList, permissions),
  introspecting(asked.CommandList, messages('command')),
  introspecting(asked.QueryList, messages('query')),
  introspecting(asked.EventList, events),
  introspecting(asked.JobList, jobs),
  introspecting(asked.AggregateList, (app) => async (input) => {
    const rows = app.aggregates.map((row) => ({ ...row, events: [...row.events], commands: [...row.commands] }))
    return listPage(rows, input)
  }),
  introspecting(asked.ReadModelList, (app) => async (input) => {
    return listPage(
      eventHandlerRows(app).filter(({ kind }) => kind === 'readModel'),
      input,
    )
  }),
  introspecting(asked.StoreList, (app) => async (input) => listPage(await storeRows(app), input)),
  introspecting(asked.CommandHandlerList, handlers('command')),
  introspecting(asked.QueryHandlerList, handlers('query')),
  introspecting(asked.EventHandlerList, (app) => async (input) => listPage(eventHandlerRows(app), input)),
]
