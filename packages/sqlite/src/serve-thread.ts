// The other side of thread.ts: answers each message of the main thread, in order.
import { parentPort } from 'node:worker_threads'
import { findGestaError } from '@gesta/core/ports'
import { closeThread } from './thread.ts'
import type { ThreadFailure } from './thread.ts'

export interface ThreadHandler {
  /** The answer to a message; what it throws is thrown again in the main thread. */
  handle(message: unknown): unknown
  close(): void
}

export function serveThread({ handle, close }: ThreadHandler): void {
  const port = parentPort
  if (port === null)
    throw new Error('Expected to run in a worker thread. This module is started by the store, do not import it.')
  port.on('message', (message: unknown) => {
    if (message === closeThread) {
      close()
      port.postMessage(undefined)
      port.close()
      return
    }
    try {
      port.postMessage(handle(message))
    } catch (error) {
      port.postMessage(failureOf(error))
    }
  })
}

function failureOf(error: unknown): ThreadFailure {
  const known = findGestaError(error)
  const message = known?.message ?? (error instanceof Error ? `${error.message}\n${error.stack}` : String(error))
  return { failed: { code: known?.code, message, facts: known?.facts } }
}
