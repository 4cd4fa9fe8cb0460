// Does what operators asked about parked events: what is discarded is passed over, what is tried again is taken in the order of its key.
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import type { ParkedEvent } from '../stores/read-model/parked-event.ts'
import type { Flush, View } from '../stores/read-model/read-model-store.ts'
import { foldBatch, FoldFailed, isOwnFault } from './fold-batch.ts'
import type { Folded } from './fold-batch.ts'
import type { Parking } from './parking.ts'
import type { Pump } from './pump.ts'
import type { RowCache } from './row-cache.ts'

export interface SettlingParts {
  readonly model: ReadModelParts
  readonly view: View
  readonly rows: RowCache
  readonly parking: Parking
  readonly pump: Pump
}
/** Writes without a step of the checkpoint. */
type Write = (content: Pick<Flush, 'writes' | 'statements' | 'park' | 'unpark'>) => Promise<void>

const pageEvents = 1_000

/** Errors: `store_*`. A handler that fails again leaves its event parked, with one attempt more. */
export async function settleParked(parts: SettlingParts, write: Write): Promise<void> {
  const asked = await parts.view.parked({ asked: true, limit: pageEvents })
  for (const event of asked.filter((one) => one.asked === 'discard'))
    await put(parts, write, [{ ...event, asked: undefined, discarded: true }])
  const keys = Map.groupBy(
    asked.filter((one) => one.asked === 'retry'),
    ({ tenant, key }) => JSON.stringify([tenant, key]),
  )
  for (const [first] of keys.values()) if (first !== undefined) await retryKey(parts, write, first)
}

async function retryKey(parts: SettlingParts, write: Write, { tenant, key }: ParkedEvent): Promise<void> {
  for (;;) {
    const [waiting] = await parts.view.parked({ tenant, key, limit: 1 })
    if (waiting === undefined) return
    const event = await eventAt(parts.pump, waiting.position)
    if (event === undefined) return
    try {
      const { writes, statements } = await foldAlone(parts, event)
      await write({ writes, statements, unpark: [waiting.position] })
      parts.parking.taken([waiting.position])
    } catch (cause) {
      if (!(cause instanceof FoldFailed) && !isOwnFault(cause, parts.model)) throw cause
      // What a refused flush would have written is in the rows.
      parts.rows.clear(false)
      const why = cause instanceof FoldFailed ? cause.cause : cause
      const behind = await parts.view.parked({ tenant, key, asked: true, limit: pageEvents })
      const again = parts.parking.entry(event, { attempts: waiting.attempts + 1, cause: why })
      const others = behind.filter(({ position }) => position !== waiting.position)
      await put(parts, write, [
        { ...again, key, parkedAt: waiting.parkedAt },
        ...others.map((other) => ({ ...other, asked: undefined })),
      ])
      return
    }
  }
}

function foldAlone({ model, view, rows }: SettlingParts, event: RecordedEvent): Promise<Folded> {
  return foldBatch({ model, view, rows }, [event])
}

async function put({ parking }: SettlingParts, write: Write, park: readonly ParkedEvent[]): Promise<void> {
  await write({ writes: [], park })
  parking.parked(park)
}

/** As the log has it now: it may have been erased or rewritten since it was parked. */
async function eventAt(pump: Pump, position: number): Promise<RecordedEvent | undefined> {
  const events = await pump.next(position - 1, 1)
  return events?.find((event) => event.position === position)
}
