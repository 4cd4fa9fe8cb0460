// The end of the log, for many who wait for it to move: one reader looks, however many wait, and who gives up leaves nothing behind.
import type { Pump } from '../pump/pump.ts'
import type { Alarms } from '../time/alarms.ts'
import { unlessAborted } from '../time/unless-aborted.ts'

export interface LogEnd {
  /** The last position that anybody here knows of. */
  readonly position: number
  /** Notes a position that the log has. */
  note(position: number): void
  /**
   * Resolves when the log may go on behind a position, when so many milliseconds have passed, or when the pump has stopped. Rejects with
   * the reason of `signal`, and with what the looking failed with.
   */
  moved(after: number, withinMs: number, signal: AbortSignal): Promise<void>
}

export function createLogEnd(pump: Pick<Pump, 'next' | 'head'>, alarms: Alarms): LogEnd {
  let seen = 0
  let looking: Promise<void> | undefined
  const position = (): number => Math.max(seen, pump.head)
  const look = async (): Promise<void> => {
    const page = await pump.next(position(), 1)
    seen = Math.max(seen, page?.at(-1)?.position ?? 0)
  }
  return {
    get position() {
      return position()
    },
    note: (known) => void (seen = Math.max(seen, known)),
    moved: async (after, withinMs, signal) => {
      signal.throwIfAborted()
      if (position() > after) return
      looking ??= look().finally(() => (looking = undefined))
      const { promise, resolve } = Promise.withResolvers<void>()
      const alarm = alarms.set(alarms.clock.monotonicUs() + withinMs * 1000, resolve)
      try {
        await unlessAborted(signal, Promise.race([looking, promise]))
      } finally {
        alarm.cancel()
      }
    },
  }
}
