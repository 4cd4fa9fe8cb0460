// The gate of an app: it lets messages in while the app lives, and counts those that are in, so that a stop can wait for them.
import { GestaError } from '../errors/gesta-error.ts'

export interface Gate {
  /** Errors: `app_stopped`. */
  enter(): void
  leave(): void
  /** Something that outlives its message and must end before a stop. It never rejects. */
  hold(work: Promise<void>): void
  readonly open: boolean
  /** Lets nobody in any more; resolves when everybody has left. */
  close(): Promise<void>
}

export function createGate(app: string): Gate {
  let inside = 0
  let open = true
  let empty: (() => void) | undefined

  const leave = (): void => {
    inside--
    if (inside === 0) empty?.()
  }
  return {
    enter: () => {
      if (!open) {
        throw new GestaError(
          'app_stopped',
          `The app ${app} is stopping or was stopped, and takes no more messages. Send it to a running one.`,
        )
      }
      inside++
    },
    leave,
    hold: (work) => {
      inside++
      void work.then(leave)
    },
    get open() {
      return open
    },
    close: async () => {
      open = false
      if (inside > 0) await new Promise<void>((resolve) => (empty = resolve))
    },
  }
}
