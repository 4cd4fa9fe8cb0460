// The other side of thread.ts: answers each message of the main thread, in order. It waits on a number in shared memory and not
// in an event loop, because a wake-up through the event loop costs a commit about 20 microseconds.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { findGestaError } from '@gesta/core/ports'
import { closeThread } from './thread.ts'
import type { ThreadData, ThreadFailure } from './thread.ts'

export interface ThreadHandler {
  /** The answer to a message; what it throws is thrown again in the main thread. */
  handle(message: unknown): unknown
  /** Work that an answer need not wait for; returns the milliseconds without a message after which `idle` is called. Must not throw: that ends the thread. */
  answered?(): number | undefined
  /** Nothing was asked for a while. Must not throw, either. */
  idle?(): void
  close(): void
}

/** What the thread was started with. */
export function threadData(): unknown {
  return (workerData as ThreadData).data
}

/** Serves until it is told to close. Nothing else runs in the thread: no timers, no event loop. */
export function serveThread({ handle, answered, idle, close }: ThreadHandler): void {
  const port = parentPort
  if (port === null)
    throw new Error('Expected to run in a worker thread. This module is started by the store, do not import it.')
  const { calls } = workerData as ThreadData
  let idleMs: number | undefined
  for (;;) {
    // Read before the messages are: one that comes after them changes it, and the wait ends at once.
    const seen = Atomics.load(calls, 0)
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      const message: unknown = next.message
      if (message === closeThread) {
        close()
        port.postMessage(undefined)
        return
      }
      port.postMessage(answerTo(handle, message))
      idleMs = answered?.()
    }
    if (Atomics.wait(calls, 0, seen, idleMs) !== 'timed-out') continue
    idleMs = undefined
    idle?.()
  }
}

function answerTo(handle: ThreadHandler['handle'], message: unknown): unknown {
  try {
    return handle(message)
  } catch (error) {
    return failureOf(error)
  }
}

function failureOf(error: unknown): ThreadFailure {
  const known = findGestaError(error)
  const message = known?.message ?? (error instanceof Error ? `${error.message}\n${error.stack}` : String(error))
  return { failed: { code: known?.code, message, facts: known?.facts } }
}
