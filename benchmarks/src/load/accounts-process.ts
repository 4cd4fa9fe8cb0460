// The accounts app in a process of its own, as a subject of measurement.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Make } from '../measure.ts'

export type AccountsTask =
  | { readonly do: 'begin' }
  | { readonly do: 'run'; readonly first: number; readonly count: number }

/** The app as it is, one without the record of its commands, and two with callers of a tenant: with and without a check of permission. */
export type AccountsSide = 'recorded' | 'bare' | 'checked' | 'unchecked'

export interface AccountsProcess extends Disposable {
  /** A fresh app in the same process. */
  readonly make: Make
}

export function startAccountsProcess(side: AccountsSide, concurrency: number): AccountsProcess {
  const child = fork(new URL('./accounts.ts', import.meta.url), [side, String(concurrency)])
  const ended = once(child, 'exit').then(([code]: unknown[]) => {
    throw new Error(`Expected the accounts app to go on, but its process ended with ${String(code)}.`)
  })
  ended.catch(() => undefined)
  const told = async (task: AccountsTask): Promise<void> => {
    const answer = once(child, 'message')
    child.send(task)
    await Promise.race([answer, ended])
  }
  return {
    make: async () => {
      await told({ do: 'begin' })
      return { run: (first, count) => told({ do: 'run', first, count }), [Symbol.asyncDispose]: async () => undefined }
    },
    [Symbol.dispose]: () => void child.kill(),
  }
}
