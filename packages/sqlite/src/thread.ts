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
/** What a thread is started with. `calls` grows with every message, so that the thread can wait for it. */
export interface ThreadData {
  readonly data: unknown
  readonly calls: Int32Array
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

interface Running {
  readonly worker: Worker
  readonly callers: Caller[]
  readonly calls: Int32Array
}
interface Caller {
  resolve(answer: unknown): void
  reject(error: Error): void
}

/** What comes in a message is garbage soon after: a thread that may let much of it pile up only holds more memory, and is no quicker. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 }

/** A thread that runs the module at `url` with `data`; it is started by its first call and keeps the process alive only while it works. */
export function createThread(url: URL, data: unknown): Thread {
  let running: Running | undefined

  const start = (): Running => {
    const calls = new Int32Array(new SharedArrayBuffer(4))
    const given: ThreadData = { data, calls }
    const worker = new Worker(url, { workerData: given, resourceLimits, ...inherited() })
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
    return { worker, callers, calls }
  }

  const call = (message: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const { worker, callers, calls } = (running ??= start())
      // The rule means windows. An empty list of transfers would please it, and costs each message a few microseconds.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      worker.postMessage(message)
      // Only now: for what cannot be sent no answer comes, and who waited for it would be given the next one's.
      if (callers.length === 0) worker.ref()
      callers.push({ resolve, reject })
      Atomics.add(calls, 0, 1)
      Atomics.notify(calls, 0)
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
