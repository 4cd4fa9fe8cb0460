// The event store for system administrators: `StoreEvent`.
import type { CommandContract, Handler, QueryContract } from '../contracts/contract.ts'
import { command, query } from '../contracts/define.ts'
import type { HandlerContext } from '../dispatch/handler.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { anyValue, flag, listOf, mapOf, oneOf, optional, record, text, time, whole } from '../schema/plain-schema.ts'
import type { OptionalField, PlainSchema } from '../schema/plain-schema.ts'
import { deletedEventType } from '../stores/event/event-store.ts'
import type { EventKey, StoredEvent } from '../stores/event/event-store.ts'
import { isSealed } from '../stores/key/sealed-text.ts'
import { contextOf } from '../stores/stored-context.ts'
import { timeText } from '../time/clock.ts'
import { storeRow } from './answers.ts'
import type { Introspection } from './introspection.ts'
import type { RateLimit } from './rate-limit.ts'
import type { StoreRow } from './rows.ts'
import { sealedData, shownData } from './shown-event.ts'
import { guarded } from './store-guard.ts'
import { infoOf } from './store-info.ts'
import {
  askedPage,
  changedOne,
  name,
  pageFields,
  reason,
  single,
  storeChange,
  storePage,
  tenant,
  usOf,
} from './store-pages.ts'
import type { StoreChange, StorePage, StorePageInput } from './store-pages.ts'

export interface StoreEventQuestion extends StorePageInput {
  readonly tenant?: string | undefined
  /** One event, by its id; together with `tenant`. */
  readonly eventId?: string | undefined
  readonly workspace?: string | undefined
  readonly aggregateType?: string | undefined
  readonly aggregateId?: string | undefined
  readonly domains?: readonly string[] | undefined
  readonly types?: readonly string[] | undefined
  readonly correlationId?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly order?: 'oldest' | 'newest' | undefined
}
export interface StoreEventItem {
  readonly eventId: string
  readonly tenant: string
  readonly position: number
  readonly type: string
  readonly aggregateType: string
  readonly aggregateId: string
  readonly version: number
  readonly schemaVersion: number
  readonly recordedAt: string
  readonly context: { readonly [name: string]: unknown }
  /** What is sealed of its data stays so. */
  readonly sealed: boolean
  readonly deleted: boolean
  /** Personal fields replaced; absent when it is deleted or sealed as a whole, when the app does not know the type, or cannot read it. */
  readonly data?: unknown
}
export interface StoreEventUpdate {
  readonly tenant: string
  readonly eventId: string
  /** As the event's schema asks for it; personal fields are sealed as before. */
  readonly data: unknown
  readonly reason: string
}
export interface StoreEventDelete {
  readonly tenant: string
  readonly eventId: string
  readonly reason: string
}
// Absent data would delete the event, so they must be given, whatever they are.
const mustBeGiven = anyValue as unknown as OptionalField<unknown>
const names = optional(listOf(name, 100))
const item: PlainSchema<StoreEventItem> = record<StoreEventItem>({
  eventId: text(),
  tenant: text(),
  position: whole(),
  type: text(),
  aggregateType: text(),
  aggregateId: text(),
  version: whole(),
  schemaVersion: whole(),
  recordedAt: time,
  context: mapOf(anyValue),
  sealed: flag,
  deleted: flag,
  data: optional(anyValue),
})

export const StoreEventInfo: QueryContract<'StoreEvent.Info', void, StoreRow> = query('StoreEvent.Info', {
  description: 'See what the event store tells of itself.',
  result: storeRow,
})
export const StoreEventRead: QueryContract<'StoreEvent.Read', StoreEventQuestion, StorePage<StoreEventItem>> = query(
  'StoreEvent.Read',
  {
    description: 'List stored events of all tenants.',
    input: record<StoreEventQuestion>({
      ...pageFields,
      tenant: optional(tenant),
      eventId: optional(name),
      workspace: optional(name),
      aggregateType: optional(name),
      aggregateId: optional(name),
      domains: names,
      types: names,
      correlationId: optional(name),
      from: optional(time),
      to: optional(time),
      order: optional(oneOf(['oldest', 'newest'])),
    }),
    result: storePage(item),
  },
)
export const StoreEventUpdateCommand: CommandContract<'StoreEvent.Update', StoreEventUpdate, StoreChange> = command(
  'StoreEvent.Update',
  {
    description: 'Write the data of a stored event anew.',
    input: record<StoreEventUpdate>({ tenant, eventId: name, data: mustBeGiven, reason }),
    result: storeChange,
    redact: { data: 'personal' },
    audited: true,
  },
)
export const StoreEventDeleteCommand: CommandContract<'StoreEvent.Delete', StoreEventDelete, StoreChange> = command(
  'StoreEvent.Delete',
  {
    description: 'Delete the data of a stored event, which leaves its place in the log.',
    input: record<StoreEventDelete>({ tenant, eventId: name, reason }),
    result: storeChange,
    audited: true,
  },
)
export type StoreEventContract =
  | typeof StoreEventInfo
  | typeof StoreEventRead
  | typeof StoreEventUpdateCommand
  | typeof StoreEventDeleteCommand

export function storeEventHandlers(rate: RateLimit): readonly Handler<StoreEventContract>[] {
  const useOf = (asked: { readonly tenant: string; readonly eventId: string; readonly reason: string }) => ({
    resource: `event/${asked.tenant}/${asked.eventId}`,
    reason: asked.reason,
  })
  return [
    guarded(
      StoreEventInfo,
      rate,
      () => ({ resource: 'event' }),
      ({ backend }) => infoOf('event', backend.events),
    ),
    guarded(
      StoreEventRead,
      rate,
      (asked) => ({ resource: `event/${asked.tenant ?? '*'}/${asked.eventId ?? '*'}` }),
      readEvents,
    ),
    guarded(StoreEventUpdateCommand, rate, useOf, (app, input, context) =>
      change(app, context, StoreEventUpdateCommand.type, input),
    ),
    guarded(StoreEventDeleteCommand, rate, useOf, (app, input, context) =>
      change(app, context, StoreEventDeleteCommand.type, { ...input, data: undefined }),
    ),
  ]
}

async function change(
  app: Introspection,
  asked: HandlerContext,
  action: string,
  { eventId, data, tenant: of, reason: why }: StoreEventUpdate,
): Promise<StoreChange> {
  const metadata = asked.metadata
  return changedOne(await app.rewrite(asked.context, action, { ...keyOf(of, eventId), data, reason: why, metadata }))
}

async function readEvents(app: Introspection, asked: StoreEventQuestion): Promise<StorePage<StoreEventItem>> {
  const { tenant: of, eventId, workspace, aggregateType, aggregateId, domains, types, correlationId, order } = asked
  const { events } = app.backend
  if (eventId !== undefined) {
    const stored = await events.get(keyOf(of ?? '', eventId))
    return single(stored && (await itemsOf(app, [stored]))[0])
  }
  const filter = { tenant: of, workspace, aggregateType, aggregateId, domains, types, correlationId, order }
  const page = await events.list({ ...filter, from: usOf(asked.from), to: usOf(asked.to) }, askedPage(asked))
  return { items: await itemsOf(app, page.items), cursor: page.cursor }
}

async function itemsOf(app: Introspection, stored: readonly StoredEvent[]): Promise<readonly StoreEventItem[]> {
  const known = app.events.filter(({ contract }) => contract.category === 'domain')
  const contracts = new Map(known.map(({ contract }) => [contract.type, contract]))
  const open = stored.filter(({ type, data }) => !isSealed(data) && type !== deletedEventType)
  const decoded = new Map((await app.decode(open)).map((event, at) => [open[at], event]))
  return stored.map((event) => {
    const readable = decoded.get(event)
    const sealed = isSealed(event.data)
    const data = sealed ? sealedData(event.data, contracts.get(event.type)) : readable && shownData(readable, contracts)
    return {
      eventId: `${event.commandId}.${event.index}`,
      tenant: event.tenant,
      position: event.position,
      type: event.type,
      aggregateType: event.aggregateType,
      aggregateId: event.aggregateId,
      version: event.version,
      schemaVersion: event.schemaVersion,
      recordedAt: timeText(event.recordedAt),
      context: { ...contextOf(event.context) },
      sealed,
      deleted: event.type === deletedEventType,
      ...(data !== undefined && { data }),
    }
  })
}

/** Errors: `invalid_key` for what is no id of an event. */
function keyOf(of: string, eventId: string): EventKey {
  const dot = eventId.lastIndexOf('.')
  const index = eventId.slice(dot + 1)
  if (dot > 0 && /^\d{1,9}$/.test(index)) return { tenant: of, commandId: eventId.slice(0, dot), index: Number(index) }
  throw new GestaError(
    'invalid_key',
    `Expected the id of an event, such as C-1.0 (the command's id and the place in its commit), received "${eventId}".`,
  )
}
