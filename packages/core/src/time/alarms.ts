// Many deadlines, one timer: nearly all work ends before its deadline, and a timer of its own would cost more than the work.
import type { Clock, Timer } from './clock.ts'
import { Place } from './line.ts'

export interface Alarms extends Disposable {
  readonly clock: Clock
  /** Calls `ring` once `atUs` of the monotonic clock has passed, unless it was cancelled before. */
  set(atUs: number, ring: () => void): Timer
}

class Alarm extends Place implements Timer {
  readonly atUs: number
  readonly ring: () => void

  constructor(atUs: number, ring: () => void) {
    super()
    this.atUs = atUs
    this.ring = ring
  }

  cancel(): void {
    this.leave()
  }
}

/** Alarms of one clock. Disposing forgets them all without ringing. */
export function createAlarms(clock: Clock): Alarms {
  const head = new Place()
  let timer: Timer | undefined
  let armedUs = Number.POSITIVE_INFINITY

  const arm = (atUs: number): void => {
    timer?.cancel()
    armedUs = atUs
    timer = clock.after(Math.max(0, (atUs - clock.monotonicUs()) / 1000), sweep)
  }
  const sweep = (): void => {
    timer = undefined
    armedUs = Number.POSITIVE_INFINITY
    const nowUs = clock.monotonicUs()
    let nextUs = Number.POSITIVE_INFINITY
    const due: Alarm[] = []
    for (let place = head.after; place !== undefined; place = place.after) {
      const alarm = place as Alarm
      if (alarm.atUs > nowUs) nextUs = Math.min(nextUs, alarm.atUs)
      else due.push(alarm)
    }
    // The earlier alarm rings first; who joined last stands in front.
    for (const alarm of due.toReversed().toSorted((a, b) => a.atUs - b.atUs)) {
      if (alarm.before === undefined) continue
      alarm.leave()
      alarm.ring()
    }
    if (nextUs < armedUs) arm(nextUs)
  }
  return {
    clock,
    set: (atUs, ring) => {
      const alarm = new Alarm(atUs, ring)
      alarm.join(head)
      // An earlier timer that is armed already finds this alarm when it sweeps.
      if (atUs < armedUs) arm(atUs)
      return alarm
    },
    [Symbol.dispose]: () => {
      timer?.cancel()
      timer = undefined
      armedUs = Number.POSITIVE_INFINITY
      head.after = undefined
    },
  }
}
