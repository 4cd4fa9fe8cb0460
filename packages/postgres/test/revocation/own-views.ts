// A store whose views lie in the memory of its process, which alone moves them: they stand still, or are slow, as a test says.
import { memory } from '@gesta/core'
import type { Backend, BackendRuntime } from '@gesta/core/ports'
import type { View } from '@gesta/core/ports'

/** What happens to every flush that writes rows, between its fold and its being visible. */
export interface ViewGate {
  /** From now on they wait. */
  hold(): void
  /** Resolves when one waits. */
  reached(): Promise<void>
  letGo(): void
  /** From now on each takes so long. */
  slow(delayMs: number): void
}

export function withOwnViews(store: Backend): { readonly store: Backend; readonly gate: ViewGate } {
  let waiting = Promise.withResolvers<void>()
  let opened: PromiseWithResolvers<void> | undefined
  let delayMs = 0
  const pass = async ({ clock }: BackendRuntime): Promise<void> => {
    if (delayMs > 0) await new Promise<void>((resolve) => clock.after(delayMs, resolve))
    if (opened === undefined) return
    waiting.resolve()
    await opened.promise
  }
  const gated = (view: View, runtime: BackendRuntime): View =>
    new Proxy(view, {
      get: (target, name) => {
        if (name !== 'flush') return Reflect.get(target, name) as unknown
        return async (flush: Parameters<View['flush']>[0]) => {
          if (flush.writes.length > 0) await pass(runtime)
          return target.flush(flush)
        }
      },
    })
  return {
    store: {
      backend: store.backend,
      open: async (runtime) => {
        const [inner, own] = [await store.open(runtime), await memory().open(runtime)]
        const readModels: typeof own.readModels = {
          ...own.readModels,
          open: async (...view) => gated(await own.readModels.open(...view), runtime),
        }
        const close = async (): Promise<void> => {
          await own[Symbol.asyncDispose]()
          await inner[Symbol.asyncDispose]()
        }
        return { ...inner, readModels, [Symbol.asyncDispose]: close }
      },
    },
    gate: {
      hold: () => {
        waiting = Promise.withResolvers()
        opened = Promise.withResolvers()
      },
      reached: () => waiting.promise,
      letGo: () => {
        opened?.resolve()
        opened = undefined
      },
      slow: (ms) => {
        delayMs = ms
      },
    },
  }
}
