// How recorded commands are shown to people.
import { counted, rounded } from './numbers.ts'
import type { ShownCommand } from './shown-command.ts'
import { tableOf } from './table.ts'

/** A line each, with headings. */
export function commandTable(commands: readonly ShownCommand[]): string {
  if (commands.length === 0) return 'No commands.'
  return tableOf([
    ['recorded', 'status', 'type', 'command', 'sender', 'took', 'error'],
    ...commands.map((command) => [
      command.recordedAt,
      command.status,
      command.commandType,
      command.commandId,
      senderOf(command),
      tookOf(command),
      command.error?.code ?? '',
    ]),
  ])
}

/** All of one; the payload as JSON at the end. */
export function commandText(command: ShownCommand): string {
  const { context, error, permission, metadata, events, truncated, redacted } = command
  const only = (name: string, text: string | undefined): readonly string[][] =>
    text === undefined || text === '' ? [] : [[name, text]]
  const lines = [
    ['command', command.commandId],
    ['type', command.commandType],
    ...only('tenant', command.tenant),
    ['status', command.status],
    ...only('error', error && joined(error.code, error.message)),
    ...only('duplicate of', command.duplicateOf),
    ...only('permission', permission && joined(`${permission.asked}, ${allowedText(permission)}`, permission.reason)),
    ['recorded', command.recordedAt],
    ...only('took', tookOf(command)),
    ...only('retries', command.retries === 0 ? undefined : String(command.retries)),
    ...only('sender', senderOf(command)),
    ...only('context', textOf(context)),
    ...only('metadata', textOf(metadata)),
    ...only('key', command.idempotencyKey),
    ...events.map(({ id, position }) => ['event', joined(id, position === undefined ? '' : `position ${position}`)]),
    ...command.messages.map((id) => ['message', id]),
    ...command.jobs.map((id) => ['job', id]),
    ...only('redacted', redacted.includes('*') ? 'everything that was said' : redacted.join(', ')),
    ...only('cut', truncated.join(', ')),
  ]
  return `${tableOf(lines)}\n\n${payloadText(command)}`
}

/** `0.8 ms`; nothing when it is not known. */
export function tookOf({ durationUs }: Pick<ShownCommand, 'durationUs'>): string {
  return durationUs === undefined ? '' : `${rounded(durationUs / 1_000)} ms`
}

function senderOf({ context: { identity, account } }: ShownCommand): string {
  return identity ?? account ?? ''
}

function allowedText({ allowed }: NonNullable<ShownCommand['permission']>): string {
  return allowed ? 'allowed' : 'denied'
}

function textOf(fields: object): string {
  return Object.keys(fields).length === 0 ? '' : JSON.stringify(fields)
}

function payloadText({ payload, truncated }: ShownCommand): string {
  if (payload === undefined) return 'No payload is kept.'
  if (typeof payload === 'string' && truncated.includes('payload')) {
    return `${payload}\n(cut after ${counted(payload.length, 'character')})`
  }
  return JSON.stringify(payload, undefined, 2)
}

function joined(first: string, more: string | undefined): string {
  return more === undefined || more === '' ? first : `${first}: ${more}`
}
