// Removes secrets that have expired, now and then: what a crash left, and what nobody came to use.
import type { Credentials } from '@gesta/core'

const everyMs = 3_600_000

/** Until it is disposed of. One sweep at a time; what fails is done by the next one. */
export function sweeping(credentials: Pick<Credentials, 'removeExpired'>): AsyncDisposable {
  let current: Promise<unknown> = Promise.resolve()
  let isSweeping = false
  const sweep = (): void => {
    if (isSweeping) return
    isSweeping = true
    current = credentials
      .removeExpired()
      .catch(() => undefined)
      .finally(() => (isSweeping = false))
  }
  const timer = setInterval(sweep, everyMs)
  timer.unref()
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      await current
    },
  }
}
