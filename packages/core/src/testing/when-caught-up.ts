// Waits until an app has nothing left to do about what is stored: a test then looks at what came of it.
import { hostOf } from '../app/running.ts'
import type { Running } from '../app/running.ts'
import { systemRuntime } from '../app/system.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { SubscriberStatus } from '../pump/subscriber-status.ts'
import { checkOptions } from '../schema/options.ts'
import { createAlarms } from '../time/alarms.ts'
import type { Clock } from '../time/clock.ts'
import { deadline } from '../time/deadline.ts'

export interface CaughtUpOptions {
  /** Milliseconds from now. Default 10,000. */
  readonly deadlineMs?: number | undefined
  /** The clock that the app runs on. Default: the system's. */
  readonly clock?: Clock | undefined
}

const doing = 'the read models and subscribers were coming to the end of the log'
const lookMs = 1

/**
 * Resolves when all read models, and all subscribers of this process, have reached the end of the log and stored nothing more meanwhile.
 * Errors: `deadline_exceeded`; `read_model_failed`, `read_model_stopped`, `subscriber_failed`, `diverged` for what never gets there.
 * Reference: docs/reference/domain-tests.md.
 */
export async function whenCaughtUp<CommandType extends string, QueryType extends string>(
  running: Running<CommandType, QueryType>,
  options: CaughtUpOptions = {},
): Promise<void> {
  checkOptions(options, ['deadlineMs', 'clock'], 'whenCaughtUp()')
  const { deadlineMs = 10_000, clock = systemRuntime().clock } = options
  const host = hostOf(running)
  // Else its timer would keep the process of a test alive for as long as might have been waited.
  using alarms = createAlarms(clock)
  const limit = deadline(alarms, deadlineMs, undefined)
  try {
    for (let reached = -1; ;) {
      const head = await limit.race(doing, host.head())
      if (head === reached) return
      await limit.race(doing, running.caughtUp())
      while (!running.subscribers().every((subscriber) => isAt(subscriber, head)))
        await limit.race(doing, new Promise<void>((resolve) => clock.after(lookMs, resolve)))
      // What subscribers sent is in the log by now, and read models and subscribers hear of it too.
      reached = head
    }
  } finally {
    limit.release()
  }
}

function isAt({ name, state, position, lastError }: SubscriberStatus, head: number): boolean {
  if (state === 'diverged' || state === 'failed') {
    const message = `The subscriber ${name} has ${state} (${lastError ?? 'unknown'}), and does not reach the end of the log.`
    throw new GestaError(state === 'failed' ? 'subscriber_failed' : 'diverged', message, {
      facts: { subscriber: name },
    })
  }
  return position !== undefined && position >= head
}
