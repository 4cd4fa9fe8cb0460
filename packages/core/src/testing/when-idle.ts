// Waits until an app has nothing left to do, jobs included: a test then looks at what came of it.
import type { Running } from '../app/running.ts'
import { systemRuntime } from '../app/system.ts'
import { createAlarms } from '../time/alarms.ts'
import { deadline } from '../time/deadline.ts'
import { timedStates } from '../stores/job/job-state.ts'
import { checkOptions } from '../schema/options.ts'
import { whenCaughtUp } from './when-caught-up.ts'
import type { CaughtUpOptions } from './when-caught-up.ts'

const doing = 'jobs were running or due'
const lookMs = 1

/**
 * Resolves when all read models and subscribers of this process are at the end of the log, and no job is running or due. Jobs that wait
 * for a time that has not come are not waited for. Errors: as `whenCaughtUp`.
 * Reference: docs/reference/testing.md.
 */
export async function whenIdle<CommandType extends string, QueryType extends string>(
  running: Running<CommandType, QueryType>,
  options: CaughtUpOptions = {},
): Promise<void> {
  checkOptions(options, ['deadlineMs', 'clock'], 'whenIdle()')
  const { deadlineMs = 10_000, clock = systemRuntime().clock } = options
  using alarms = createAlarms(clock)
  const limit = deadline(alarms, deadlineMs, undefined)
  const isBusy = async (): Promise<boolean> => {
    if ((await running.jobs.total({ states: ['pending', 'running'] })) > 0) return true
    let cursor: string | undefined
    do {
      const page = await running.jobs.list({ states: timedStates }, { cursor, limit: 1_000 })
      if (page.items.some(({ dueAt }) => dueAt <= clock.nowUs())) return true
      cursor = page.cursor
    } while (cursor !== undefined)
    return false
  }
  try {
    for (let wasBusy = true; wasBusy;) {
      wasBusy = false
      while (await limit.race(doing, isBusy())) {
        wasBusy = true
        await limit.race(doing, new Promise<void>((resolve) => clock.after(lookMs, resolve)))
      }
      // What jobs sent is in the log by now, and may have led to other jobs.
      await whenCaughtUp(running, { deadlineMs: Math.max(1, limit.leftMs()), clock })
      wasBusy ||= await limit.race(doing, isBusy())
    }
  } finally {
    limit.release()
  }
}
