// The thread that hashes passwords, seen from the main thread. One that ended is started again by the next work.
import { Worker } from 'node:worker_threads'
import { GestaError } from '@gesta/core'

export type PasswordWork =
  | { readonly do: 'hash'; readonly password: string }
  | { readonly do: 'verify'; readonly hash: string | undefined; readonly password: string }
/** A hash as PHC text, or what a comparison came to. */
export type PasswordAnswer = string
/** What the thread says: an answer, or that there is none, without a word of what it was given. */
export type PasswordReply = { readonly answer: PasswordAnswer } | { readonly failed: string }

export interface PasswordWorker {
  /** One at a time. Errors: `overloaded` when the thread ended at work; a plain one for what is no hash. */
  do(work: PasswordWork): Promise<PasswordAnswer>
  end(): Promise<void>
}

export function createPasswordWorker(): PasswordWorker {
  let worker: Worker | undefined
  let caller: { resolve(answer: PasswordAnswer): void; reject(error: Error): void } | undefined

  const start = (): Worker => {
    const started = new Worker(threadUrl(), inherited())
    const ended = (cause: unknown): void => {
      if (worker !== started) return
      worker = undefined
      caller?.reject(died(cause))
      caller = undefined
    }
    started.on('message', (reply: PasswordReply) => {
      // It keeps the process alive only while somebody waits for it.
      started.unref()
      if ('answer' in reply) caller?.resolve(reply.answer)
      else caller?.reject(new Error(`A password could not be compared: ${reply.failed}`))
      caller = undefined
    })
    started.on('error', ended)
    started.on('exit', ended)
    return started
  }
  return {
    do: (work) =>
      new Promise((resolve, reject) => {
        worker ??= start()
        caller = { resolve, reject }
        worker.ref()
        // The rule means windows.
        // oxlint-disable-next-line unicorn/require-post-message-target-origin
        worker.postMessage(work)
      }),
    end: async () => {
      await worker?.terminate()
    },
  }
}

/** The module of the thread lies beside this one, as source or as what was built from it. */
function threadUrl(): URL {
  return new URL(`./password-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
}

/** A thread inherits its process's flags, but a program given by --eval with an --input-type must not hand that on. */
function inherited(): { readonly execArgv?: string[] } {
  if (!process.execArgv.some((flag) => flag.startsWith('--input-type'))) return {}
  return { execArgv: process.execArgv.filter((flag) => flag.startsWith('--conditions=')) }
}

function died(cause: unknown): GestaError {
  return new GestaError(
    'overloaded',
    'Expected the thread that hashes passwords to answer, but it ended. The next password starts another one: try again.',
    { cause },
  )
}
