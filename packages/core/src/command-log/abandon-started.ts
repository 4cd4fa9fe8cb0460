// What processes that died have left: commands whose intent was recorded, and never an outcome.
import type { CommandLogStore } from '../stores/command-log/command-log-store.ts'
import type { CommandRecord } from '../stores/command-log/command-record.ts'
import type { Clock } from '../time/clock.ts'

export interface AbandonStartedOptions {
  /** Milliseconds since they arrived: longer than any command may take, because an outcome that comes later is not recorded. */
  readonly olderThanMs: number
  /** Default: all tenants. */
  readonly tenant?: string | undefined
}
const error = Object.freeze({ code: 'no_outcome', message: 'No outcome was recorded: the process may have ended.' })

export async function settleStarted(
  store: CommandLogStore,
  { olderThanMs, tenant }: AbandonStartedOptions,
  clock: Pick<Clock, 'nowUs'>,
): Promise<number> {
  const to = clock.nowUs() - olderThanMs * 1000
  let abandoned = 0
  let cursor: string | undefined
  do {
    const page = await store.list({ statuses: ['started'], tenant, to, order: 'oldest' }, { limit: 500, cursor })
    const records = page.items.map((record): CommandRecord => ({ ...record, status: 'abandoned', error }))
    if (records.length > 0) await store.record(records)
    abandoned += records.length
    cursor = page.cursor
  } while (cursor !== undefined)
  return abandoned
}
