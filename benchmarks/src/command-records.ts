// Records for logs that are measured without an app around them: ten of each correlation, one after the other.
import type { CommandRecord } from '@gesta/core/ports'
import { uuidV7 } from './limits/uuid-v7.ts'

export const recordsPerCorrelation = 10

/** A log's record of the command number `index`. */
export function commandRecord(index: number, payloadBytes: number): CommandRecord {
  const commandId = uuidV7()
  const correlationId = correlationOf(Math.floor(index / recordsPerCorrelation))
  return {
    tenant: '',
    commandId,
    commandType: 'Account.Deposit',
    status: 'accepted',
    recordedAt: Date.now() * 1000,
    durationUs: 120,
    context: JSON.stringify({ account: 'bench', session: 'session-1', correlationId }),
    payload: payloadOf(payloadBytes),
    metadata: { address: '192.0.2.1', requestId: `request-${index}` },
    error: undefined,
    permission: { asked: 'anonymous', allowed: true },
    idempotencyKey: undefined,
    duplicateOf: undefined,
    retries: 0,
    events: [{ id: `${commandId}.0`, position: undefined }],
    messages: none,
    jobs: none,
    redacted: none,
    truncated: none,
    commitNo: undefined,
  }
}
const none: readonly never[] = []

export function correlationOf(number: number): string {
  return `correlation-${number}`
}

/** So many records, from the one number `first`. */
export function commandRecords(first: number, count: number, payloadBytes: number): readonly CommandRecord[] {
  return Array.from({ length: count }, (_, at) => commandRecord(first + at, payloadBytes))
}

const payloads = new Map<number, string>()

/** JSON text of so many bytes: what a form sends, with a note that fills it. */
function payloadOf(bytes: number): string {
  let payload = payloads.get(bytes)
  if (payload !== undefined) return payload
  const withNote = (note: string): string => JSON.stringify({ accountId: 'account-000042', pence: 4_200, note })
  payload = withNote('salary of the month '.repeat(bytes).slice(0, bytes - withNote('').length))
  payloads.set(bytes, payload)
  return payload
}
