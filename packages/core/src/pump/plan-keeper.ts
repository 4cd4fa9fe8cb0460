// The plan of one read model as this process knows it: read from the store, changed from what is known, and told to who waits.
import type { ReadModelStore } from '../stores/read-model/read-model-store.ts'
import { noPlan } from '../stores/read-model/view-plan.ts'
import type { ViewPlan } from '../stores/read-model/view-plan.ts'

export interface PlanKeeper {
  readonly plan: ViewPlan
  /** Reads it again. Errors: `store_*`. */
  refresh(): Promise<void>
  /**
   * Changes it, again and again until nobody else was faster; `change` is given the plan as it is then, and says what is to be another,
   * or `undefined` for nothing. Errors: `store_*`.
   */
  change(change: (plan: ViewPlan) => Partial<Omit<ViewPlan, 'revision'>> | undefined): Promise<ViewPlan>
}

/** `onChange` is called whenever a plan with another revision is known. */
export function createPlanKeeper(
  store: ReadModelStore,
  name: string,
  modelVersion: number,
  onChange: () => void,
): PlanKeeper {
  let plan = noPlan
  const know = (found: ViewPlan): void => {
    if (found.revision === plan.revision) return
    plan = found
    onChange()
  }
  const refresh = async (): Promise<void> => {
    const before = plan
    const found = await store.plan(name, modelVersion)
    // What was read before it changed here may come late.
    if (plan === before || found.revision > plan.revision) know(found)
  }
  return {
    get plan() {
      return plan
    },
    refresh,
    change: async (change) => {
      for (;;) {
        const changed = change(plan)
        if (changed === undefined) return plan
        const next = { ...plan, ...changed, revision: plan.revision + 1 }
        if (await store.changePlan(name, modelVersion, next)) {
          know(next)
          return next
        }
        await refresh()
      }
    },
  }
}
