// What an id names. Ids tell what they are of by their endings, and a command's own id may have such an ending too, so the readings are
// tried in a fixed order: command, event, message, job, correlation.
import { isKey } from '../codec/key-text.ts'
import type { CommandLog } from '../stores/command-log/command-log.ts'
import type { CommandRecord } from '../stores/command-log/command-record.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import { messageId } from '../stores/outbox/message-id.ts'
import { contextOf } from '../stores/stored-context.ts'
import type { Trace, TracedRecord } from './trace.ts'

export interface IdParts {
  readonly events: Pick<EventStore, 'identity' | 'parts'>
  readonly commandLog: Pick<CommandLog, 'get'>
}
export type Named = Pick<Trace, 'kind' | 'correlationId'>

interface Reading {
  readonly kind: Trace['kind']
  readonly form: RegExp
  /** Whether the command has that many. */
  readonly holds: (record: CommandRecord, index: number) => boolean | Promise<boolean>
}

/** Absent: it could be an id of nothing in the log. Errors: `store_*`. */
export async function whatIs(parts: IdParts, tenant: string, id: string): Promise<Named | undefined> {
  const { events, commandLog } = parts
  const command = await found(commandLog, tenant, id)
  if (command !== undefined) return { kind: 'command', correlationId: correlationOf(command) }
  const isOfLog = ({ commandId }: CommandRecord, index: number): boolean =>
    messageId(events.identity, { tenant, commandId, index }) === id
  const readings: readonly Reading[] = [
    { kind: 'event', form: /^(.+)\.(0|[1-9]\d{0,8})$/s, holds: (record, index) => index < record.events.length },
    {
      kind: 'message',
      form: /^(.+)\.m(0|[1-9]\d{0,8})\.[\w-]{11}$/s,
      holds: async (record, index) => isOfLog(record, index) && index < (await countOf(events, record, 'messages')),
    },
    {
      kind: 'job',
      form: /^(.+)\.j(0|[1-9]\d{0,8})$/s,
      holds: async (record, index) => index < (await countOf(events, record, 'jobs')),
    },
  ]
  for (const { kind, form, holds } of readings) {
    const [, commandId = '', index] = form.exec(id) ?? []
    const record = await found(commandLog, tenant, commandId)
    if (record !== undefined && (await holds(record, Number(index)))) {
      return { kind, correlationId: correlationOf(record) }
    }
  }
  return isKey(id) ? { kind: 'correlation', correlationId: id } : undefined
}

/** What a command belongs to; one that carries none is the first of its own. */
export function correlationOf({ context, commandId }: TracedRecord): string {
  const { correlationId } = contextOf(context)
  // What is no key cannot be asked for.
  return isKey(correlationId) ? correlationId : commandId
}

/** Whether the record tells how many messages and jobs there are: those of before there were details do not. */
export function isCounted({ durationUs }: TracedRecord): boolean {
  return durationUs !== undefined
}

async function found(
  commandLog: IdParts['commandLog'],
  tenant: string,
  id: string,
): Promise<CommandRecord | undefined> {
  return isKey(id) ? commandLog.get(tenant, id) : undefined
}

async function countOf(events: IdParts['events'], record: CommandRecord, part: 'messages' | 'jobs'): Promise<number> {
  if (isCounted(record)) return record[part].length
  return (await events.parts(record.tenant, record.commandId))?.[part].length ?? 0
}
