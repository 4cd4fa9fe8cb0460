// Crons of several processes on one store, at a wall clock that a test sets.
import { domain, handle, job } from '@gesta/core'
import type { AnyDomain, Cron, Role } from '@gesta/core'
import { z } from 'zod'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import { holdStore } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'

export const minute = 60_000
export const hour = 60 * minute
export const report = job('Report.Make', { input: z.object({ at: z.string() }) })

/** A domain with crons; `makes` is what the job does. */
export function reports(
  crons: readonly Cron<string>[],
  makes: (at: string) => Promise<void> | void = () => {},
): AnyDomain {
  return domain('Report', {
    permissions: 'anonymous',
    handlers: [
      handle(report, async ({ at }) => {
        await makes(at)
      }),
    ],
    crons,
  })
}

export interface CronPlace {
  /** Another process; `sees`: what it has in place of the clock and the store of the others. */
  start(
    domain: AnyDomain,
    options?: { readonly role?: Role; readonly works?: boolean; readonly sees?: Partial<StartedApp> },
  ): Promise<StartedApp>
  /** Sets the wall clock, and gives every process the time to notice. */
  at(time: string | number): Promise<void>
  now(): number
  /** Times of the firings so far, in the order of the log. */
  ticks(): Promise<readonly string[]>
  /** Types of all events. */
  events(): Promise<readonly string[]>
  /** Lets time pass until something is so. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>
}

export async function cronPlace(startsAt: string): Promise<CronPlace> {
  const time = createFakeClock()
  let shiftUs = 0
  const clock = { ...time, nowUs: () => time.nowUs() + shiftUs, timers: 0 }
  const set = (ms: number): void => {
    shiftUs += ms * 1000 - clock.nowUs()
  }
  set(Date.parse(startsAt))
  const runtime = fakeRuntime(clock)
  const held = await holdStore(runtime)
  const beside = { clock, runtime, held } as unknown as StartedApp
  const log = async () => held.events.readAll({ after: 0, limit: 10_000 })
  return {
    start: async (own, { role, works = false, sees } = {}) => {
      const app = await startApp(own, {
        beside: { ...beside, ...sees },
        jobs: { enabled: works },
        ...(role !== undefined && { role }),
      })
      // A cron that is new counts from its first look, which is not over when the app has started.
      await time.advance(0)
      return app
    },
    at: async (to) => {
      const ms = typeof to === 'number' ? to : Date.parse(to)
      set(ms)
      // Twice: what is looked at is sent, and what was sent is stored.
      await time.advance(1_100)
      await time.advance(1_100)
      set(ms)
    },
    now: () => clock.nowUs() / 1000,
    ticks: async () =>
      (await log())
        .filter(({ type }) => type === 'Gesta.CronTicked')
        .map(({ data }) => (JSON.parse(data) as { readonly at: string }).at),
    events: async () => (await log()).map(({ type }) => type),
    until: async (condition) => {
      for (let step = 0; step < 10_000; step++) {
        if (await condition()) return
        await time.advance(10)
      }
      throw new Error('Expected it to be so after a while, but it never was.')
    },
  }
}
