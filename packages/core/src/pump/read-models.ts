// The read models of an app in one process: opened together, run together, and found by name.
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import type { ReadModelStore } from '../stores/read-model/read-model-store.ts'
import { unknownReadModel } from './read-model-errors.ts'
import { createReadModelControl, statusOf } from './read-model-control.ts'
import type { RunnerParts } from './runner-parts.ts'
import type { ReadModelControl, ReadModels } from './read-model-status.ts'
import { verifyReadModel } from './verify.ts'
import { createViewAccess } from './view-access.ts'
import type { ViewAccess } from './view-access.ts'

export interface ReadModelsParts extends Omit<RunnerParts, 'model' | 'views'> {
  /** Each with the store that keeps its views. */
  readonly models: readonly { readonly model: ReadModelParts; readonly views: ReadModelStore }[]
}
export interface RunningReadModels extends ReadModels {
  readonly accesses: ReadonlyMap<string, ViewAccess>
  /** Runs all of them until the signal aborts. Never rejects. */
  run(stop: AbortSignal): Promise<void>
}

/** Read models that do not run yet, and can be read as far as their views are. Errors: `store_*`. */
export async function openReadModels(parts: ReadModelsParts): Promise<RunningReadModels> {
  const accesses = new Map<string, ViewAccess>()
  const controls = new Map<string, ReadModelControl>()
  const erasuresOf = (model: ReadModelParts): RunnerParts['erasures'] =>
    keepsPersonalData(model) ? parts.erasures : undefined
  for (const { model, views } of parts.models) {
    const erasures = erasuresOf(model)
    const access = createViewAccess({ ...parts, model, views, erasures })
    await access.runner.open()
    accesses.set(model.name, access)
    controls.set(model.name, createReadModelControl({ ...parts, access, erasures }))
  }
  const found = <One>(map: ReadonlyMap<string, One>, name: string): One => {
    const one = map.get(name)
    if (one === undefined) throw unknownReadModel(name, [...map.keys()])
    return one
  }
  return {
    accesses,
    run: async (stop) => void (await Promise.all([...accesses.values()].map((access) => access.run(stop)))),
    list: () => [...accesses.values()].map(({ runner }) => statusOf(runner, parts.pump)),
    control: (name) => found(controls, name),
    verify: async (name, options = {}) => {
      const views = parts.models.find(({ model }) => model.name === name)?.views
      const access = found(accesses, name)
      return verifyReadModel({ ...parts, access, views: views as ReadModelStore }, options)
    },
  }
}

/** A catch-all may keep anything. */
function keepsPersonalData({ events, any }: ReadModelParts): boolean {
  return any.length > 0 || [...events.values()].some(({ personal }) => personal !== undefined)
}
