// The command log for system administrators: `StoreCommand`.
import type { CommandContract, Handler, QueryContract } from '../contracts/contract.ts'
import { command, query } from '../contracts/define.ts'
import {
  anyValue,
  flag,
  listOf,
  mapOf,
  number,
  oneOf,
  optional,
  record,
  text,
  time,
  whole,
} from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'
import { outcomeKinds } from '../stores/command-log/command-record.ts'
import type { CommandRecord, CommandStatus, RecordedError } from '../stores/command-log/command-record.ts'
import { isSealed } from '../stores/key/sealed-text.ts'
import { contextOf } from '../stores/stored-context.ts'
import { timeText } from '../time/clock.ts'
import { storeRow } from './answers.ts'
import type { Introspection } from './introspection.ts'
import type { RateLimit } from './rate-limit.ts'
import type { StoreRow } from './rows.ts'
import { guarded } from './store-guard.ts'
import { infoOf } from './store-info.ts'
import { askedPage, changedOne, name, pageFields, reason, shownPage, single } from './store-pages.ts'
import { storeChange, storePage, tenant, usOf } from './store-pages.ts'
import type { StoreChange, StorePage, StorePageInput } from './store-pages.ts'

export interface StoreCommandQuestion extends StorePageInput {
  readonly tenant?: string | undefined
  /** One command, by its id; together with `tenant`. */
  readonly commandId?: string | undefined
  readonly statuses?: readonly CommandStatus[] | undefined
  readonly commandType?: string | undefined
  readonly correlationId?: string | undefined
  readonly sender?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly order?: 'oldest' | 'newest' | undefined
}
export interface StoreCommandItem {
  readonly tenant: string
  readonly commandId: string
  readonly commandType: string
  readonly status: CommandStatus
  readonly recordedAt: string
  readonly durationMs?: number | undefined
  readonly context: { readonly [name: string]: unknown }
  /** JSON text, marked fields replaced; absent when it was not recorded, was redacted, or is sealed. */
  readonly payload?: string | undefined
  readonly sealed: boolean
  readonly metadata: { readonly [name: string]: string }
  readonly error?: RecordedError | undefined
  readonly duplicateOf?: string | undefined
  readonly retries: number
  readonly events: readonly string[]
  readonly redacted: readonly string[]
  readonly truncated: readonly string[]
}
export interface StoreCommandUpdate {
  readonly tenant: string
  readonly commandId: string
  readonly reason: string
}
export interface StoreCommandDelete {
  /** Records of commands that arrived before this time. */
  readonly before: string
  readonly tenant?: string | undefined
  readonly statuses?: readonly CommandStatus[] | undefined
  /** Records at most, 1 to 10,000; default 1,000. */
  readonly limit?: number | undefined
  readonly reason: string
}
const status: PlainSchema<CommandStatus> = oneOf([...outcomeKinds, 'started'])
const texts = listOf(text())
const item: PlainSchema<StoreCommandItem> = record<StoreCommandItem>({
  tenant: text(),
  commandId: text(),
  commandType: text(),
  status,
  recordedAt: time,
  durationMs: optional(number),
  context: mapOf(anyValue),
  payload: optional(text()),
  sealed: flag,
  metadata: mapOf(text()),
  error: optional(record<RecordedError>({ code: text(), message: text() })),
  duplicateOf: optional(text()),
  retries: whole(),
  events: texts,
  redacted: texts,
  truncated: texts,
})

export const StoreCommandInfo: QueryContract<'StoreCommand.Info', void, StoreRow> = query('StoreCommand.Info', {
  description: 'See what the command log tells of itself.',
  result: storeRow,
})
export const StoreCommandRead: QueryContract<
  'StoreCommand.Read',
  StoreCommandQuestion,
  StorePage<StoreCommandItem>
> = query('StoreCommand.Read', {
  description: 'List recorded commands of all tenants.',
  input: record<StoreCommandQuestion>({
    ...pageFields,
    tenant: optional(tenant),
    commandId: optional(name),
    statuses: optional(listOf(status, 10)),
    commandType: optional(name),
    correlationId: optional(name),
    sender: optional(name),
    from: optional(time),
    to: optional(time),
    order: optional(oneOf(['oldest', 'newest'])),
  }),
  result: storePage(item),
})
export const StoreCommandUpdateCommand: CommandContract<'StoreCommand.Update', StoreCommandUpdate, StoreChange> =
  command('StoreCommand.Update', {
    description: 'Take payload, metadata and words of errors out of a recorded command.',
    input: record<StoreCommandUpdate>({ tenant, commandId: name, reason }),
    result: storeChange,
    audited: true,
  })
export const StoreCommandDeleteCommand: CommandContract<'StoreCommand.Delete', StoreCommandDelete, StoreChange> =
  command('StoreCommand.Delete', {
    description: 'Forget old records of commands.',
    input: record<StoreCommandDelete>({
      before: time,
      tenant: optional(tenant),
      statuses: optional(listOf(status, 10)),
      limit: optional(whole(1, 10_000)),
      reason,
    }),
    result: storeChange,
    audited: true,
  })
export type StoreCommandContract =
  | typeof StoreCommandInfo
  | typeof StoreCommandRead
  | typeof StoreCommandUpdateCommand
  | typeof StoreCommandDeleteCommand

export function storeCommandHandlers(rate: RateLimit): readonly Handler<StoreCommandContract>[] {
  return [
    guarded(
      StoreCommandInfo,
      rate,
      () => ({ resource: 'command' }),
      ({ commandLog }) => infoOf('command', commandLog),
    ),
    guarded(
      StoreCommandRead,
      rate,
      (asked) => ({ resource: `command/${asked.tenant ?? '*'}/${asked.commandId ?? '*'}` }),
      readCommands,
    ),
    guarded(
      StoreCommandUpdateCommand,
      rate,
      (asked) => ({ resource: `command/${asked.tenant}/${asked.commandId}`, reason: asked.reason }),
      async ({ commandLog }, asked) => changedOne(await commandLog.redact(asked.tenant, asked.commandId)),
    ),
    guarded(
      StoreCommandDeleteCommand,
      rate,
      (asked) => ({ resource: `command/${asked.tenant ?? '*'}/before ${asked.before}`, reason: asked.reason }),
      async ({ commandLog }, { tenant: of, statuses, limit, before }) => ({
        changed: await commandLog.purge({ before: usOf(before) ?? 0, tenant: of, statuses, limit }),
      }),
    ),
  ]
}

async function readCommands(
  { commandLog }: Introspection,
  asked: StoreCommandQuestion,
): Promise<StorePage<StoreCommandItem>> {
  const { tenant: of, commandId, statuses, commandType, correlationId, sender, from, to, order } = asked
  if (commandId !== undefined) {
    const found = await commandLog.get(of ?? '', commandId)
    return single(found && itemOf(found))
  }
  const filter = { tenant: of, statuses, commandType, correlationId, sender, order }
  return shownPage(await commandLog.list({ ...filter, from: usOf(from), to: usOf(to) }, askedPage(asked)), itemOf)
}

function itemOf(found: CommandRecord): StoreCommandItem {
  const { payload, durationUs, error } = found
  const sealed = payload !== undefined && isSealed(payload)
  return {
    tenant: found.tenant,
    commandId: found.commandId,
    commandType: found.commandType,
    status: found.status,
    recordedAt: timeText(found.recordedAt),
    durationMs: durationUs === undefined ? undefined : durationUs / 1000,
    context: { ...contextOf(found.context) },
    payload: sealed ? undefined : payload,
    sealed,
    metadata: { ...found.metadata },
    error: error && { code: error.code, message: error.message },
    duplicateOf: found.duplicateOf,
    retries: found.retries,
    events: found.events.map(({ id }) => id),
    redacted: [...found.redacted],
    truncated: [...found.truncated],
  }
}
