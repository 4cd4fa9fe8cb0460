// The limit of a log of records: each as one JSON text under its command's id, with the indexes that every log
// of its own has: command id, correlation, type and time.
import type { CommandRecord } from '@gesta/core/ports'

export interface BareLog extends AsyncDisposable {
  record(records: readonly CommandRecord[]): Promise<unknown>
  /** How many records the correlation has; each is read and parsed. */
  find(correlationId: string): Promise<number>
}

/** A record as all databases keep it. */
export interface BareRow {
  readonly commandId: string
  readonly correlationId: string
  readonly commandType: string
  readonly recordedAt: number
  readonly text: string
}
export function bareRow(record: CommandRecord): BareRow {
  const { commandId, commandType, recordedAt, context } = record
  const { correlationId } = JSON.parse(context) as { readonly correlationId: string }
  return { commandId, correlationId, commandType, recordedAt, text: JSON.stringify(record) }
}

/** Parses each text, and says how many there were. */
export function parsed(texts: readonly string[]): number {
  return texts.map((text) => JSON.parse(text) as CommandRecord).length
}
