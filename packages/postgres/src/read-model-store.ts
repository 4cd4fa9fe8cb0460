// The read-model store on PostgreSQL: a table per view, whose rows and place move together, and the plans of read models.
import { checkKey, storeClosed } from '@gesta/core/ports'
import type { ReadModelStore, ViewName } from '@gesta/core/ports'
import type { Value } from './driver.ts'
import { makeTables, tableNames } from './own-sql.ts'
import type { Pool } from './pool.ts'
import { noSuchView, stateOf } from './postgres-errors.ts'
import { createViewPlans } from './view-plans.ts'
import { createPostgresView } from './view.ts'

/** `s`: the schema, quoted. */
export function createPostgresReadModelStore(pool: Pool, s: string): ReadModelStore {
  const removed = new Set<number>()
  const plans = createViewPlans(pool, s)
  let closed = false
  const checkOpen = (): void => {
    if (closed) throw storeClosed()
  }
  /** None while another process removes it. */
  const idOf = async (view: ViewName): Promise<number | undefined> => {
    const [row] = await pool.write(`SELECT ${s}.open_view($1, $2, $3)`, nameValues(view))
    return typeof row?.[0] === 'number' ? row[0] : undefined
  }
  return {
    isShared: true,
    dialect: 'postgres',
    open: async (view, tables) => {
      checkOpen()
      checkKey(view.name, 'view name')
      for (;;) {
        const id = await idOf(view)
        if (id === undefined) continue
        const place = { pool, schema: s, id, checkOpen, removed }
        if (tables === undefined) return createPostgresView(place, view, tables)
        try {
          await makeTables(pool, s, id, tables, tableNames(s, id, view, tables))
          return createPostgresView(place, view, tables)
        } catch (error) {
          // It was removed meanwhile, and is made again.
          if (stateOf(error) !== noSuchView) throw error
        }
      }
    },
    plan: async (name, modelVersion) => {
      checkOpen()
      return plans.plan(name, modelVersion)
    },
    changePlan: async (name, modelVersion, next) => {
      checkOpen()
      return plans.changePlan(name, modelVersion, next)
    },
    views: async () => {
      checkOpen()
      const rows = await pool.read(
        `SELECT name, model_version, generation FROM ${s}.views ORDER BY name, model_version, generation`,
      )
      return rows.map(([name, modelVersion, generation]) => ({
        name: String(name),
        modelVersion: Number(modelVersion),
        generation: Number(generation),
      }))
    },
    remove: async (view) => {
      checkOpen()
      const [row] = await pool.write(`SELECT ${s}.remove_view($1, $2, $3)`, nameValues(view))
      if (typeof row?.[0] === 'number') removed.add(row[0])
    },
    removePlan: async (name, modelVersion) => {
      checkOpen()
      await plans.removePlan(name, modelVersion)
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}

function nameValues({ name, modelVersion, generation }: ViewName): readonly Value[] {
  return [name, modelVersion, generation]
}
