// A worker thread that answers calls one after the other, seen from the main thread. A thread that died is started again by the next call.
import { Worker } from 'node:worker_threads'
import { GestaError } from '@gesta/core/ports'
import type { ErrorCode, ErrorFacts } from '@gesta/core/ports'

/** What a thread answers instead of a result. */
export interface ThreadFailure {
  readonly failed: {
    readonly code: ErrorCode | undefined
    readonly message: string
    readonly facts: ErrorFacts | undefined
  }
}
/** The message that ends a thread; it answers when its connections are closed. */
export const closeThread = 'close'

/** The thread ended before it answered: what it was asked to do may be done or not. */
export class ThreadDied extends Error {}

export interface Thread {
  /** Answers come in the order of the calls. Rejects with what the thread threw, or with `ThreadDied`. */
  call(message: unknown): Promise<unknown>
  /** Waits for the answers and ends the thread. */
  close(): Promise<void>
  /** The worker that runs now, for tests that end it. */
  worker(): Worker | undefined
}

interface Caller {
  resolve(answer: unknown): void
  reject(error: Error): void
}

/** A thread that runs the module at `url` with `data`; it is started by its first call and keeps the process alive only while it works. */
export function createThread(url: URL, data: unknown): Thread {
  let running: { readonly worker: Worker; readonly callers: Caller[] } | undefined

  const start = (): { readonly worker: Worker; readonly callers: Caller[] } => {
    const worker = new Worker(url, { workerData: data, ...inherited() })
    const callers: Caller[] = []
    const ended = (cause: unknown): void => {
      if (running?.worker === worker) running = undefined
      for (const caller of callers.splice(0))
        caller.reject(new ThreadDied(`The thread ${url.href} ended before it answered.`, { cause }))
    }
    worker.on('message', (answer: unknown) => {
      const caller = callers.shift()
      if (callers.length === 0) worker.unref()
      if (isFailure(answer)) caller?.reject(errorOf(answer))
      else caller?.resolve(answer)
    })
    worker.on('error', ended)
    worker.on('exit', ended)
    return { worker, callers }
  }

  const call = (message: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const { worker, callers } = (running ??= start())
      if (callers.length === 0) worker.ref()
      callers.push({ resolve, reject })
      // The rule means windows. An empty list of transfers would please it, and costs each message a few microseconds.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      worker.postMessage(message)
    })

  return {
    call,
    close: async () => {
      if (running === undefined) return
      const exited = new Promise((resolve) => running?.worker.once('exit', resolve))
      running.worker.ref()
      await call(closeThread).catch(() => undefined)
      running?.worker.ref()
      await exited
    },
    worker: () => running?.worker,
  }
}

/** A worker inherits its process's flags, but a program given by --eval with an --input-type must not hand that on: only conditions matter here. */
function inherited(): { readonly execArgv?: string[] } {
  if (!process.execArgv.some((flag) => flag.startsWith('--input-type'))) return {}
  return { execArgv: process.execArgv.filter((flag) => flag.startsWith('--conditions=')) }
}

function isFailure(answer: unknown): answer is ThreadFailure {
  return typeof answer === 'object' && answer !== null && 'failed' in answer
}

function errorOf({ failed: { code, message, facts } }: ThreadFailure): Error {
  return code === undefined ? new Error(message) : new GestaError(code, message, { facts: facts ?? {} })
}
