// Plans of read models: one row for each version, which is changed from a known revision only.
import { checkKey, noPlan } from '@gesta/core/ports'
import type { Generation, ViewPlan } from '@gesta/core/ports'
import type { Cell, Value } from './driver.ts'
import type { Pool } from './pool.ts'

export interface ViewPlans {
  plan(name: string, modelVersion: number): Promise<ViewPlan>
  changePlan(name: string, modelVersion: number, next: ViewPlan): Promise<boolean>
  removePlan(name: string, modelVersion: number): Promise<void>
}

/** `s`: the schema, quoted. */
export function createViewPlans(pool: Pool, s: string): ViewPlans {
  const ofPlan = 'name = $1 AND model_version = $2'
  const columns = 'revision, live, live_since, building, building_since, wanted'
  const read = `SELECT ${columns} FROM ${s}.plans WHERE ${ofPlan}`
  const write = `INSERT INTO ${s}.plans (name, model_version, ${columns})
    SELECT $1, $2, $3, $4, $5, $6, $7, $8 FROM ${s}.begin_change(true) ON CONFLICT DO NOTHING RETURNING 1`
  const change = `UPDATE ${s}.plans SET revision = $3, live = $4, live_since = $5, building = $6, building_since = $7, wanted = $8
    FROM ${s}.begin_change(true) WHERE ${ofPlan} AND revision = $3::bigint - 1 RETURNING 1`
  return {
    plan: async (name, modelVersion) => {
      const [row] = await pool.read(read, [name, modelVersion])
      if (row === undefined) return noPlan
      const [revision, live, liveSince, building, buildingSince, wanted] = row
      return {
        revision: Number(revision),
        live: toGeneration(live, liveSince),
        building: toGeneration(building, buildingSince),
        wanted: wanted === 'paused' || wanted === 'stopped' ? wanted : 'running',
      }
    },
    changePlan: async (name, modelVersion, next) => {
      checkKey(name, 'view name')
      const { revision, live, building, wanted } = next
      const values = [name, modelVersion, revision, ...valuesOf(live), ...valuesOf(building), wanted]
      return (await pool.write(revision === 1 ? write : change, values)).length === 1
    },
    removePlan: async (name, modelVersion) => {
      await pool.write(`DELETE FROM ${s}.plans WHERE ${ofPlan}`, [name, modelVersion])
    },
  }
}

function toGeneration(number: Cell | undefined, since: Cell | undefined): Generation | undefined {
  return typeof number === 'number' ? { number, since: Number(since) } : undefined
}

function valuesOf(generation: Generation | undefined): readonly Value[] {
  return [generation?.number ?? null, generation?.since ?? null]
}
