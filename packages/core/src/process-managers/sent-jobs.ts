// The jobs that gesta itself stores for process managers: a command that is on its way, and a deadline. No caller can store or see them.
import type { JobContract } from '../contracts/contract.ts'
import { job } from '../contracts/define.ts'
import { anyValue, optional, record, text, whole } from '../schema/plain-schema.ts'

export interface SendData {
  /** Who sends, and for which of its processes. */
  readonly manager: string
  readonly key: string
  readonly type: string
  /** The input of the command; absent when it takes none. */
  readonly data?: unknown
}
export interface DeadlineData {
  readonly manager: string
  readonly key: string
  readonly name: string
  /** The number that it was set under. */
  readonly no: number
}

/** What a command is made of is its domain's business, so nobody is shown it here. */
export const SendCommand: JobContract<'Gesta.Send', SendData> = job('Gesta.Send', {
  input: record<SendData>({ manager: text(1), key: text(1), type: text(1), data: optional(anyValue) }),
  redact: { data: 'secret' },
})
export const PassDeadline: JobContract<'Gesta.Deadline', DeadlineData> = job('Gesta.Deadline', {
  input: record<DeadlineData>({ manager: text(1), key: text(1), name: text(1), no: whole(1) }),
})
