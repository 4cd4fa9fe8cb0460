// A backend as one process sees it, which is killed at one of its steps: what it was doing then happened or not, and it never hears of it.
import type { Backend } from '../../src/stores/backend.ts'

export interface Death {
  /** Steps that the process takes, from 1; it dies in the last one. */
  readonly steps: number
  /** Whether its last step still happens. */
  readonly happens: boolean
}
type Step = (...given: unknown[]) => Promise<unknown>

const never = (): Promise<never> => new Promise(() => undefined)
const watched = ['events', 'readModels', 'leases'] as const

/** The process that dies so; without a death it lives. Closing the backend closes nothing. */
export function mortal(backend: Backend, death: Death | undefined): Backend & { readonly isDead: () => boolean } {
  let left = death?.steps ?? Number.POSITIVE_INFINITY
  const step = async (work: () => Promise<unknown>): Promise<unknown> => {
    if (left <= 0) return never()
    left--
    if (left > 0) return work()
    if (death?.happens === true) await work()
    return never()
  }
  const wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key)
        if (typeof value !== 'function' || typeof key === 'symbol' || key.startsWith('on')) return value
        return (...given: unknown[]) =>
          step(async () => {
            const answer = await (value as Step).apply(target, given)
            return key === 'open' ? wrap(answer as object) : answer
          })
      },
    })
  return {
    backend: backend.backend,
    isDead: () => left <= 0,
    open: async (runtime) => {
      const opened = await backend.open(runtime)
      const ports = Object.fromEntries(watched.map((name) => [name, wrap(opened[name])]))
      return { ...opened, ...ports, [Symbol.asyncDispose]: async () => undefined }
    },
  }
}
