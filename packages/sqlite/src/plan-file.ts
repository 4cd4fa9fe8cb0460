// The file of plans, `plans.sqlite` beside the views. A plan that was changed is on disk before the change is told: what is removed
// afterwards must not be what an older plan names.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { noPlan } from '@gesta/core/ports'
import type { Generation, ViewPlan } from '@gesta/core/ports'
import type { Cell, Row } from './database.ts'
import { firstRow, prepareRows } from './database.ts'
import { plans } from './migrations/plans/0001-plans.ts'
import { openSideFile } from './side-file.ts'

const planFile = {
  kind: {
    applicationId: 0x67657370,
    what: 'a file of plans of gesta',
    next: 'Remove it together with the views beside it: they are built again from the log.',
  },
  modules: [{ name: 'plans', migrations: [plans] }],
  settings: 'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON',
}
const columns = 'revision, live, live_since, building, building_since, wanted'
const readPlan = `SELECT ${columns} FROM plans WHERE name = ? AND model_version = ?`
/** The first plan has revision 1, every other one follows on the one that is there. */
const writePlan = `INSERT INTO plans (name, model_version, ${columns})
  SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE ? = 1 OR EXISTS (SELECT 1 FROM plans WHERE name = ? AND model_version = ?)
  ON CONFLICT (name, model_version) DO UPDATE SET revision = excluded.revision, live = excluded.live,
    live_since = excluded.live_since, building = excluded.building, building_since = excluded.building_since, wanted = excluded.wanted
  WHERE plans.revision = excluded.revision - 1`
const deletePlan = 'DELETE FROM plans WHERE name = ? AND model_version = ?'

export interface PlanFile {
  plan(name: string, modelVersion: number): ViewPlan
  /** `again`: an earlier attempt may have written it. */
  change(name: string, modelVersion: number, next: ViewPlan, again: boolean): boolean
  remove(name: string, modelVersion: number): void
  close(): void
}

/** The plans in a folder; `undefined` when there are none yet and `make` is not asked for. */
export function openPlans(folder: string, make: boolean): PlanFile | undefined {
  const path = join(folder, 'plans.sqlite')
  if (!make && !existsSync(path)) return undefined
  const db = openSideFile(path, planFile)
  const read = prepareRows(db, readPlan)
  const write = db.prepare(writePlan)
  const remove = db.prepare(deletePlan)
  const plan = (name: string, modelVersion: number): ViewPlan => toPlan(firstRow(read, name, modelVersion))
  return {
    plan,
    change: (name, modelVersion, next, again) => {
      const key: Cell[] = [name, modelVersion]
      if (write.run(...key, ...toCells(next), next.revision, ...key).changes === 1) return true
      return again && isDeepStrictEqual(plan(name, modelVersion), next)
    },
    remove: (name, modelVersion) => void remove.run(name, modelVersion),
    close: () => db.close(),
  }
}

function toCells({ revision, live, building, wanted }: ViewPlan): readonly Cell[] {
  const generations = [live, building].flatMap((one) => [one?.number ?? null, one?.since ?? null])
  return [revision, ...generations, wanted]
}

function toPlan(row: Row | undefined): ViewPlan {
  if (row === undefined) return noPlan
  const [revision, live, liveSince, building, buildingSince, wanted] = row
  return {
    revision: Number(revision),
    live: toGeneration(live, liveSince),
    building: toGeneration(building, buildingSince),
    wanted: wanted as ViewPlan['wanted'],
  }
}

function toGeneration(number: Cell | undefined, since: Cell | undefined): Generation | undefined {
  return typeof number === 'number' && typeof since === 'number' ? { number, since } : undefined
}
