// Random steps against a seen store and against a list of ids per subscription, the one that is forgotten last at the end.
import type { SeenStore } from '../../stores/seen/seen-store.ts'
import { seenAre } from './given.ts'

const subscriptions = ['s', 't']
/** Few, so that marks are often repeated; more than the bound of a small store. */
const known = Array.from({ length: 60 }, (_, index) => `id-${index}`)

export interface SeenStep {
  readonly do: 'mark' | 'reset' | 'reopen'
  readonly subscription: string
  readonly ids: readonly string[]
}

/** One step for each number; any whole number from 0 is a step. */
export function seenSteps(numbers: readonly number[]): readonly SeenStep[] {
  return numbers.map((number) => {
    const kind = number % 20
    const rest = Math.floor(number / 20)
    const subscription = subscriptions[rest % 2] ?? 's'
    const count = Math.floor(rest / 2) % 12
    const first = Math.floor(rest / 24)
    const ids = Array.from({ length: count }, (_, index) => known[(first + index * 7) % known.length] ?? '')
    return { do: kind === 0 ? 'reset' : kind === 1 ? 'reopen' : 'mark', subscription, ids }
  })
}

/**
 * Plays steps on an empty store that counts; throws an assertion error at the first difference. `reopen` is for stores that last;
 * without it those steps are left out.
 */
export async function playSeenSteps(
  given: SeenStore,
  idsMax: number,
  steps: readonly SeenStep[],
  reopen?: () => Promise<SeenStore>,
): Promise<void> {
  let store = given
  const model = new Map(subscriptions.map((subscription) => [subscription, [] as readonly string[]]))
  for (const { do: kind, subscription, ids } of steps) {
    if (kind === 'reset') {
      await store.reset(subscription)
      model.set(subscription, [])
    } else if (kind === 'reopen') {
      if (reopen !== undefined) store = await reopen()
    } else {
      await store.mark(subscription, ids)
      // The last mark of an id counts.
      const marked = [...new Set(ids.toReversed())].toReversed()
      const older = (model.get(subscription) ?? []).filter((id) => !marked.includes(id))
      model.set(subscription, [...older, ...marked].slice(-idsMax))
    }
    for (const [each, expected] of model) {
      await seenAre(
        store,
        each,
        known,
        known.filter((id) => expected.includes(id)),
      )
    }
  }
}
