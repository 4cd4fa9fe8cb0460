// Hashes of passwords: argon2id, on a thread of its own, a bounded number at once.
import { GestaError } from '@gesta/core'
import { createPasswordWorker } from './password-worker.ts'
import type { PasswordAnswer, PasswordWork } from './password-worker.ts'

export interface Passwords extends AsyncDisposable {
  /** The hash as PHC text. Errors: `rate_limited` when too many wait already. */
  hash(password: string): Promise<string>
  /**
   * Whether a password is the one of a hash; without a hash it takes as long and is wrong. `stale`: it is right, and hashed with less than
   * what is asked for now. Errors: `rate_limited` when too many wait already.
   */
  verify(hash: string | undefined, password: string): Promise<'right' | 'stale' | 'wrong'>
}
interface Waiting {
  readonly work: PasswordWork
  resolve(answer: PasswordAnswer): void
  reject(error: Error): void
}

/**
 * Passwords are compared as Unicode's composed form (NFC), so that it does not matter how a keyboard makes an accent.
 * @param options `queueMax`: how many may wait for the thread, beside the one that it works on.
 * Errors of what it makes: `rate_limited`, with `retryAfterMs`; `overloaded` when the thread ended at work; `app_stopped` once it is disposed of.
 * Reference: docs/reference/identity.md.
 */
export function createPasswords({ queueMax }: { readonly queueMax: number }): Passwords {
  const worker = createPasswordWorker()
  const queue: Waiting[] = []
  let working: Promise<void> | undefined
  let closed = false
  let usualMs = 50

  const workOff = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const startedAt = performance.now()
      try {
        next.resolve(await worker.do(next.work))
        usualMs += (performance.now() - startedAt - usualMs) / 8
      } catch (error) {
        next.reject(error as Error)
      }
    }
    working = undefined
  }
  const ask = (work: PasswordWork): Promise<PasswordAnswer> => {
    if (closed) return Promise.reject(stopped())
    if (queue.length >= queueMax) return Promise.reject(tooMany(queueMax, usualMs))
    const { promise, resolve, reject } = Promise.withResolvers<PasswordAnswer>()
    queue.push({ work, resolve, reject })
    working ??= workOff()
    return promise
  }
  return {
    hash: (password) => ask({ do: 'hash', password: password.normalize('NFC') }),
    verify: async (hash, password) =>
      (await ask({ do: 'verify', hash, password: password.normalize('NFC') })) as 'right' | 'stale' | 'wrong',
    [Symbol.asyncDispose]: async () => {
      closed = true
      for (const { reject } of queue.splice(0)) reject(stopped())
      await working
      await worker.end()
    },
  }
}

function tooMany(queueMax: number, usualMs: number): GestaError {
  return new GestaError(
    'rate_limited',
    `Expected at most ${queueMax} passwords to wait for being hashed, and so many do. Try again later.`,
    { facts: { retryAfterMs: Math.max(1_000, Math.ceil(queueMax * usualMs)) } },
  )
}

function stopped(): GestaError {
  return new GestaError('app_stopped', 'The identity was disposed of, so no password is hashed any more.')
}
