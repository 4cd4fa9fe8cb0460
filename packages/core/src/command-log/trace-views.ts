// Which events the views of running read models have, for a trace.
import type { ParkedFilter } from '../stores/read-model/parked-event.ts'
import type { View } from '../stores/read-model/read-model-store.ts'
import type { RunningReadModels } from '../pump/read-models.ts'
import type { ViewAccess } from '../pump/view-access.ts'
import { handlersOf } from '../read-models/read-model-parts.ts'
import { deletedEventType } from '../stores/event/event-store.ts'
import type { TracedEvent, TracedReadModel } from './trace.ts'

/** Events of one tenant, by the positions of the first and the last. */
export interface EventRange {
  readonly tenant: string
  readonly first: number
  readonly last: number
}
/** Tells of one of the events the read models that have a handler for it. */
export type ViewsOf = (event: Pick<TracedEvent, 'type' | 'position'>) => readonly TracedReadModel[]

const parkedPage = 1_000

/** How far the views are now. Errors: `store_*`. */
export async function viewsOf(
  { accesses, list }: Pick<RunningReadModels, 'accesses' | 'list'>,
  range: EventRange,
): Promise<ViewsOf> {
  const passedOver = new Map<string, ReadonlySet<number>>()
  for (const [name, access] of accesses) {
    // What another process owns is as far as it was when this one last looked.
    await access.runner.look().catch(() => undefined)
    passedOver.set(name, await passedOverBy(access, range))
  }
  const statuses = list()
  return ({ type, position }) =>
    statuses.flatMap(({ name, state, metrics }) => {
      const runner = accesses.get(name)?.runner
      if (runner === undefined || type === deletedEventType || handlersOf(runner.model, type).length === 0) return []
      const isThere = runner.shown !== undefined && runner.shown.error === undefined && runner.position >= position
      const seen = isThere && passedOver.get(name)?.has(position) !== true
      return [{ name, state, seen, lagEvents: metrics.lagEvents }]
    })
}

/** Positions of events that wait for an operator, or were discarded by one. */
async function passedOverBy(access: ViewAccess, { tenant, first, last }: EventRange): Promise<ReadonlySet<number>> {
  const positions = new Set<number>()
  const { model, shown } = access.runner
  if (model.onFailure !== 'park' || shown === undefined || shown.error !== undefined) return positions
  for (const discarded of [false, true]) {
    let after = first - 1
    while (after < last) {
      const page = await parked(access, shown.view, { tenant, discarded, after, limit: parkedPage })
      for (const { position } of page) positions.add(position)
      after = page.length < parkedPage ? last : (page.at(-1)?.position ?? last)
    }
  }
  return positions
}

async function parked(access: ViewAccess, view: View, filter: ParkedFilter): ReturnType<View['parked']> {
  try {
    return await view.parked(filter)
  } catch (cause) {
    return (await access.instead(view, cause)).parked(filter)
  }
}
