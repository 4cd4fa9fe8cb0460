// The views of read models that a store holds, and what each is to its read model.
import type { Checkpoint, OpenBackend, ViewName, ViewPlan } from '@gesta/core/ports'

/** `live`: queries read it. `building`: it is to be read once it is there. `left over`: neither. */
type ViewUse = 'live' | 'building' | 'left over'
export interface StoredView extends ViewName {
  /** How far it has come; absent for one that was never written. */
  readonly position: number | undefined
  /** Whether its rows are of the log as it is; what another history gave is not read any more. */
  readonly incarnation: 'this' | 'another' | undefined
  readonly use: ViewUse
  /** The newest version of its read model that there are views of. */
  readonly newestVersion: boolean
  readonly wanted: ViewPlan['wanted']
  /** Events that wait for an operator. */
  readonly parked: number
}

/** By name, version and generation. */
export async function storedViews({ readModels, events }: OpenBackend): Promise<readonly StoredView[]> {
  const names = await readModels.views()
  const newest = new Map<string, number>()
  for (const { name, modelVersion } of names) newest.set(name, Math.max(modelVersion, newest.get(name) ?? 0))
  const found: StoredView[] = []
  for (const name of names) {
    const plan = await readModels.plan(name.name, name.modelVersion)
    const view = await readModels.open(name)
    const checkpoint = await view.checkpoint()
    found.push({
      ...name,
      position: checkpoint?.position,
      incarnation: historyOf(checkpoint, events.identity.incarnation),
      use: useOf(name, plan),
      newestVersion: newest.get(name.name) === name.modelVersion,
      wanted: plan.wanted,
      parked: await view.totalParked(),
    })
  }
  return found
}

/** A line each, with headings. */
export function rowsOf(views: readonly StoredView[]): readonly (readonly string[])[] {
  return [
    ['view', 'version', 'generation', 'position', 'use', 'remarks'],
    ...views.map((view) => [
      view.name,
      String(view.modelVersion),
      String(view.generation),
      String(view.position ?? 0),
      view.use,
      remarksOf(view).join(', '),
    ]),
  ]
}

function remarksOf({ incarnation, newestVersion, wanted, parked }: StoredView): string[] {
  return [
    ...(newestVersion ? [] : ['older version']),
    ...(incarnation === 'another' ? ['diverged'] : []),
    ...(wanted === 'running' ? [] : [wanted]),
    ...(parked === 0 ? [] : [`${parked} parked`]),
  ]
}

function useOf({ generation }: ViewName, { live, building }: ViewPlan): ViewUse {
  if (live?.number === generation) return 'live'
  return building?.number === generation ? 'building' : 'left over'
}

function historyOf(checkpoint: Checkpoint | undefined, incarnation: string): StoredView['incarnation'] {
  if (checkpoint === undefined) return undefined
  return checkpoint.incarnation === incarnation ? 'this' : 'another'
}
