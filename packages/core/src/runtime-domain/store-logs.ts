// The log store for system administrators: `StoreLog`.
import type { CommandContract, Handler, QueryContract } from '../contracts/contract.ts'
import { command, query } from '../contracts/define.ts'
import { oneOf, optional, record, text, time, whole } from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'
import { logLevels } from '../stores/log/log-store.ts'
import type { LogEntry, LogLevel } from '../stores/log/log-store.ts'
import { timeText } from '../time/clock.ts'
import { storeRow } from './answers.ts'
import type { Introspection } from './introspection.ts'
import type { RateLimit } from './rate-limit.ts'
import type { StoreRow } from './rows.ts'
import { guarded } from './store-guard.ts'
import { infoOf } from './store-info.ts'
import { askedPage, changedOne, pageFields, reason, shownPage, single } from './store-pages.ts'
import { storeChange, storePage, tenant, usOf } from './store-pages.ts'
import type { StoreChange, StorePage, StorePageInput } from './store-pages.ts'

export interface StoreLogQuestion extends StorePageInput {
  /** One line, by its id. */
  readonly id?: number | undefined
  /** This level and those above it. */
  readonly level?: LogLevel | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly tenant?: string | undefined
  readonly text?: string | undefined
  readonly traceId?: string | undefined
  readonly order?: 'newest' | 'oldest' | undefined
}
export interface StoreLogItem {
  readonly id: number
  readonly level: LogLevel
  readonly at: string
  readonly tenant: string
  readonly text: string
  readonly traceId?: string | undefined
  /** JSON text of an object. */
  readonly fields?: string | undefined
}
export interface StoreLogUpdate {
  /** Milliseconds that lines are kept; absent: for ever. */
  readonly keptMs?: number | undefined
  readonly reason: string
}
export interface StoreLogDelete {
  /** Lines that were logged before this time. */
  readonly before: string
  readonly tenant?: string | undefined
  readonly reason: string
}
const level: PlainSchema<LogLevel> = oneOf(logLevels)
const item: PlainSchema<StoreLogItem> = record<StoreLogItem>({
  id: whole(),
  level,
  at: time,
  tenant: text(),
  text: text(),
  traceId: optional(text()),
  fields: optional(text()),
})

export const StoreLogInfo: QueryContract<'StoreLog.Info', void, StoreRow> = query('StoreLog.Info', {
  description: 'See what the log store tells of itself.',
  result: storeRow,
})
export const StoreLogRead: QueryContract<'StoreLog.Read', StoreLogQuestion, StorePage<StoreLogItem>> = query(
  'StoreLog.Read',
  {
    description: 'Search the lines of the application log of all tenants.',
    input: record<StoreLogQuestion>({
      ...pageFields,
      id: optional(whole(1)),
      level: optional(level),
      from: optional(time),
      to: optional(time),
      tenant: optional(tenant),
      text: optional(text(1, 1_024)),
      traceId: optional(text(32, 32)),
      order: optional(oneOf(['newest', 'oldest'])),
    }),
    result: storePage(item),
  },
)
export const StoreLogUpdateCommand: CommandContract<'StoreLog.Update', StoreLogUpdate, StoreChange> = command(
  'StoreLog.Update',
  {
    description: 'Say how long lines of the application log are kept.',
    input: record<StoreLogUpdate>({ keptMs: optional(whole(1)), reason }),
    result: storeChange,
    audited: true,
  },
)
export const StoreLogDeleteCommand: CommandContract<'StoreLog.Delete', StoreLogDelete, StoreChange> = command(
  'StoreLog.Delete',
  {
    description: 'Remove old lines of the application log.',
    input: record<StoreLogDelete>({ before: time, tenant: optional(tenant), reason }),
    result: storeChange,
    audited: true,
  },
)
export type StoreLogContract =
  | typeof StoreLogInfo
  | typeof StoreLogRead
  | typeof StoreLogUpdateCommand
  | typeof StoreLogDeleteCommand

export function storeLogHandlers(rate: RateLimit): readonly Handler<StoreLogContract>[] {
  return [
    guarded(
      StoreLogInfo,
      rate,
      () => ({ resource: 'log' }),
      ({ backend }) => infoOf('log', backend.log),
    ),
    guarded(StoreLogRead, rate, (asked) => ({ resource: `log/${asked.tenant ?? '*'}/${asked.id ?? '*'}` }), readLines),
    guarded(
      StoreLogUpdateCommand,
      rate,
      (asked) => ({ resource: `log/retention ${asked.keptMs ?? 'for ever'}`, reason: asked.reason }),
      async ({ backend }, { keptMs }) => {
        await backend.log.setRetention(keptMs)
        return changedOne(true)
      },
    ),
    guarded(
      StoreLogDeleteCommand,
      rate,
      (asked) => ({ resource: `log/${asked.tenant ?? '*'}/before ${asked.before}`, reason: asked.reason }),
      async ({ backend }, asked) => ({ changed: await backend.log.purge(usOf(asked.before) ?? 0, asked.tenant) }),
    ),
  ]
}

async function readLines({ backend }: Introspection, asked: StoreLogQuestion): Promise<StorePage<StoreLogItem>> {
  const { id, level: least, from, to, tenant: of, text: contains, traceId, order } = asked
  if (id !== undefined) {
    const found = await backend.log.get(id)
    return single(found && itemOf(found))
  }
  const filter = { level: least, from: usOf(from), to: usOf(to), tenant: of, text: contains, traceId, order }
  return shownPage(await backend.log.list(filter, askedPage(asked)), itemOf)
}

function itemOf({ id, level: its, at, tenant: of, text: line, traceId, fields }: LogEntry): StoreLogItem {
  return { id, level: its, at: timeText(at), tenant: of, text: line, traceId, fields }
}
