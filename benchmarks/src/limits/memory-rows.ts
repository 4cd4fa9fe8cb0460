// The limit of an append in memory: the same texts in plain objects, pushed to a log and to an array per stream.
import { depositOf } from '../account.ts'
import { inLanes } from '../measure.ts'
import type { Subject } from '../measure.ts'
import type { RowsShape } from './sqlite-rows.ts'
import { uuidV7 } from './uuid-v7.ts'

interface EventRow {
  readonly position: number
  readonly commandId: string
  readonly aggregateId: string
  readonly version: number
  readonly type: string
  readonly data: string
  readonly recordedAt: number
}

/** `batch` is the number of callers: memory has no transactions to share. */
export async function memoryRows({ batch, eventsPerCommit }: RowsShape): Promise<Subject> {
  const log: EventRow[] = []
  const streams = new Map<string, EventRow[]>()
  const headers = new Map<string, { readonly commandType: string; readonly outcome: string }>()

  const commit = async (index: number): Promise<number> => {
    const { accountId, pence, note } = depositOf(index)
    const commandId = uuidV7()
    const recordedAt = Date.now()
    const data = JSON.stringify({ pence, note })
    let stream = streams.get(accountId)
    if (stream === undefined) streams.set(accountId, (stream = []))
    headers.set(commandId, { commandType: 'Account.Deposit', outcome: 'accepted' })
    for (let event = 0; event < eventsPerCommit; event++) {
      const row = {
        position: log.length + 1,
        commandId,
        aggregateId: accountId,
        version: stream.length + 1,
        type: 'Account.Deposited',
        data,
        recordedAt,
      }
      stream.push(row)
      log.push(row)
    }
    return log.length
  }

  return {
    run: (first, count) => inLanes(batch, first, count, commit),
    [Symbol.asyncDispose]: async () => {
      log.length = 0
    },
  }
}
