// Notices that files have changed: a watch of their folder for speed, and a look at them now and then for certainty.
// The folder, because editors and Kubernetes replace a file, and a watch of the file would stay with the old one.
import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'

export interface FollowParts {
  readonly folder: string
  /** What is there now, as a text that is another one after every change. Never rejects. */
  readonly look: () => Promise<string>
  /** What was there when it was read for the first time. Later reads tell nothing here: one that only checks must hide no change. */
  readonly known: () => string | undefined
  readonly changed: () => void
  readonly pollMs: number
  readonly settleMs: number
}

/** Until it is disposed. It keeps no process alive. */
export function follow({ folder, look, known, changed, pollMs, settleMs }: FollowParts): AsyncDisposable {
  let watcher: FSWatcher | undefined
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let told = known()
  let unsettled: string | undefined
  let isLooking = false
  let isRung = false
  let looking: Promise<void> = Promise.resolve()

  const lookIn = (delayMs: number): void => {
    clearTimeout(timer)
    if (isStopped) return
    timer = setTimeout(() => {
      looking = lookNow()
    }, delayMs)
    timer.unref()
  }
  const lookNow = async (): Promise<void> => {
    watchAgain()
    ;[isLooking, isRung] = [true, false]
    const now = await look()
    isLooking = false
    if (now === told) unsettled = undefined
    else if (now !== unsettled && settleMs > 0) {
      unsettled = now
      return lookIn(settleMs)
    } else {
      ;[told, unsettled] = [now, undefined]
      if (!isStopped) changed()
    }
    lookIn(isRung ? 0 : pollMs)
  }
  /** Something happened in the folder. A look that waits for whoever writes is not hurried, and one that is due is not put off. */
  const ring = (): void => {
    if (isRung || unsettled !== undefined) return
    isRung = true
    if (!isLooking) lookIn(0)
  }
  /** A folder that is not there, or is gone, has no watch; until it has one there are the looks. */
  const watchAgain = (): void => {
    if (watcher !== undefined || isStopped) return
    try {
      const opened = watch(folder, { persistent: false }, ring)
      const close = (): void => {
        opened.close()
        if (watcher === opened) watcher = undefined
      }
      opened.on('error', close)
      watcher = opened
    } catch {
      watcher = undefined
    }
  }
  watchAgain()
  lookIn(0)
  return {
    [Symbol.asyncDispose]: async () => {
      isStopped = true
      clearTimeout(timer)
      watcher?.close()
      await looking
    },
  }
}
