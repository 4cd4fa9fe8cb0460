// Many deadlines, one timer: setting and clearing a deadline is the price of a Set entry, because nearly all work ends
// before its deadline and a timer of its own would cost more than the work.
import type { Clock, Timer } from './clock.ts'

export interface Alarms extends Disposable {
  readonly clock: Clock
  /** Calls `ring` once `atUs` (microseconds UTC) has passed, unless it was cancelled before. */
  set(atUs: number, ring: () => void): Timer
}
interface Alarm extends Timer {
  readonly atUs: number
  readonly ring: () => void
}

/** Alarms of one clock. Disposing forgets them all without ringing. */
export function createAlarms(clock: Clock): Alarms {
  const alarms = new Set<Alarm>()
  let timer: Timer | undefined
  let armedUs = Number.POSITIVE_INFINITY

  const arm = (atUs: number): void => {
    timer?.cancel()
    armedUs = atUs
    timer = clock.after(Math.max(0, (atUs - clock.nowUs()) / 1000), sweep)
  }
  const sweep = (): void => {
    timer = undefined
    armedUs = Number.POSITIVE_INFINITY
    const nowUs = clock.nowUs()
    let nextUs = Number.POSITIVE_INFINITY
    for (const alarm of alarms) {
      if (alarm.atUs > nowUs) nextUs = Math.min(nextUs, alarm.atUs)
      else {
        alarms.delete(alarm)
        alarm.ring()
      }
    }
    if (nextUs < armedUs) arm(nextUs)
  }
  return {
    clock,
    set: (atUs, ring) => {
      const alarm: Alarm = { atUs, ring, cancel: () => alarms.delete(alarm) }
      alarms.add(alarm)
      // An earlier timer that is armed already finds this alarm when it sweeps.
      if (atUs < armedUs) arm(atUs)
      return alarm
    },
    [Symbol.dispose]: () => {
      timer?.cancel()
      timer = undefined
      armedUs = Number.POSITIVE_INFINITY
      alarms.clear()
    },
  }
}
