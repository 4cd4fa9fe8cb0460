// The id of an integration event, wherever it goes.
import { hash } from 'node:crypto'
import { keyLengthMax } from '../../codec/key-text.ts'
import type { LogIdentity } from '../event/event-store.ts'

/** Names a message: the command that stored it, and its index among the command's messages, from 0. */
export interface MessageKey {
  readonly tenant: string
  readonly commandId: string
  readonly index: number
}

/**
 * The same each time the message is sent: `<command id>.m<index>.<mark>`. The mark is of log and tenant, because receivers hear many of
 * both, and command ids are unique in one tenant of one log. An id that would be too long is hashed.
 */
export function messageId({ secret }: Pick<LogIdentity, 'secret'>, { tenant, commandId, index }: MessageKey): string {
  const mark = hash('sha256', JSON.stringify([secret, 'message', tenant]), 'base64url').slice(0, markLength)
  const id = `${commandId}.m${index}.${mark}`
  if (id.length <= keyLengthMax) return id
  return hash('sha256', JSON.stringify([secret, 'message', tenant, commandId, index]), 'base64url')
}
const markLength = 11
