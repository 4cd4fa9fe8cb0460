// The read-model store in memory: views are kept by their names, plans by name and version. Each process has its own.
import { GestaError } from '../../errors/gesta-error.ts'
import { createMemoryView, withoutTables } from './memory-view.ts'
import type { ReadModelStore, View, ViewName } from './read-model-store.ts'
import { compareText } from './row-order.ts'
import { noPlan } from './view-plan.ts'
import type { ViewPlan } from './view-plan.ts'
import { viewRemoved } from './view-removed.ts'

/** A read-model store that lives as long as its process. */
export function createMemoryReadModelStore(): ReadModelStore {
  const views = new Map<string, { readonly view: View; close(): void }>()
  const plans = new Map<string, ViewPlan>()
  let closed = false
  const open = (): void => {
    if (closed)
      throw new GestaError(
        'store_closed',
        'Expected the memory store to be open, but it was closed. Start the app again for a new one.',
      )
  }
  const openView = (view: ViewName): { readonly view: View; close(): void } => {
    let removed = false
    const opened = createMemoryView(view, () => {
      open()
      if (removed) throw viewRemoved(view)
    })
    return { view: opened, close: () => void (removed = true) }
  }
  return {
    isShared: false,
    open: async (view, tables) => {
      open()
      if (tables !== undefined) throw withoutTables(view)
      const id = viewId(view)
      const opened = views.get(id) ?? openView(view)
      views.set(id, opened)
      return opened.view
    },
    plan: async (name, modelVersion) => {
      open()
      return plans.get(planId(name, modelVersion)) ?? noPlan
    },
    changePlan: async (name, modelVersion, next) => {
      open()
      const id = planId(name, modelVersion)
      if (next.revision !== (plans.get(id) ?? noPlan).revision + 1) return false
      plans.set(id, structuredClone(next))
      return true
    },
    views: async () => {
      open()
      return [...views.values()].map(({ view }) => view.view).sort(compareViews)
    },
    remove: async (view) => {
      open()
      const id = viewId(view)
      views.get(id)?.close()
      views.delete(id)
    },
    removePlan: async (name, modelVersion) => {
      open()
      plans.delete(planId(name, modelVersion))
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}

function viewId({ name, modelVersion, generation }: ViewName): string {
  return JSON.stringify([name, modelVersion, generation])
}
function planId(name: string, modelVersion: number): string {
  return JSON.stringify([name, modelVersion])
}
function compareViews(a: ViewName, b: ViewName): number {
  return compareText(a.name, b.name) || a.modelVersion - b.modelVersion || a.generation - b.generation
}
