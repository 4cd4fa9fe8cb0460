// Where a process shall end on purpose, so that it can be seen what is left then. It lies in a backend's options under a key that
// only @gesta/core/testing puts there; an adapter looks for it once, when it is set up, and without one nothing is watched.

/**
 * A step of a commit, or of the flush of a view, on its way through an adapter.
 *
 * | step | the process ends |
 * |---|---|
 * | `begun` | with the order in hand, before anything was checked |
 * | `checked` | when a commit of the group was found in order, before its rows |
 * | `inserted` | behind one row of an event, others may follow |
 * | `committing` | when all rows of the group are there, before the transaction is ended |
 * | `committed` | when the transaction is ended, before anybody is told |
 * | `checkpointing` | while the write-ahead log goes back into the file |
 * | `sending` | before the group is sent to the server |
 * | `sent` | when it is sent and not answered |
 * | `answered` | when the server has answered, before anybody is told |
 * | `flush-sending`, `flush-sent`, `flush-answered` | likewise, for the flush of a view |
 * | `flush-begun` | with a view's transaction begun, before its checkpoint moves |
 * | `flush-moved` | when the checkpoint was moved, before the rows |
 * | `flush-written` | behind some rows of a flush, others may follow |
 * | `flush-committing` | when everything of a flush is there, before the transaction is ended |
 * | `flush-committed` | when the transaction is ended, before anybody is told |
 */
export type CrashStep =
  | 'begun'
  | 'checked'
  | 'inserted'
  | 'committing'
  | 'committed'
  | 'checkpointing'
  | 'sending'
  | 'sent'
  | 'answered'
  | 'flush-sending'
  | 'flush-sent'
  | 'flush-answered'
  | 'flush-begun'
  | 'flush-moved'
  | 'flush-written'
  | 'flush-committing'
  | 'flush-committed'

export interface CrashPoint {
  readonly step: CrashStep
  /** The process ends when it comes to the step for the `after`th time, counted from 1. */
  readonly after: number
  /** Milliseconds that a step which takes a while (`checkpointing`) goes on before the process ends; default 0. */
  readonly delayMs?: number | undefined
}

const crashPoint = Symbol('crash point')

/** The same options, and with them the crash point. */
export function withCrashPoint<Options extends object>(options: Options, point: CrashPoint): Options {
  if (!Number.isSafeInteger(point.after) || point.after < 1)
    throw new Error(`Expected after to be a whole number from 1, received ${point.after}.`)
  return { ...options, [crashPoint]: point }
}

/** The crash point in a backend's options, if there is one. Errors: a plain one for a step that this backend does not have. */
export function crashPointOf(options: object, steps: readonly CrashStep[], where: string): CrashPoint | undefined {
  const point = (options as { readonly [crashPoint]?: CrashPoint })[crashPoint]
  if (point === undefined || steps.includes(point.step)) return point
  throw new Error(`${where} has no step "${point.step}" to crash at. Steps: ${steps.join(', ')}.`)
}

/** To be told of every step; `end` is called at the one that the point names, once. */
export function createCrash({ step, after }: CrashPoint, end: () => void): (reached: CrashStep) => void {
  let times = 0
  return (reached) => {
    if (reached !== step) return
    times += 1
    if (times === after) end()
  }
}

/** Ends this process as the operating system would: nothing is flushed, nothing is closed, no handler runs. */
export function endProcess(): void {
  process.kill(process.pid, 'SIGKILL')
}
