// The comparison of a read model's view with the log: wherever its checkpoint stands, its rows are the fold of the events up to there.
import assert from 'node:assert/strict'
import type { EventStore, ReadModelStore, StoredEvent, View } from '@gesta/core/ports'
import { tenants } from './commits.ts'
import { modelName, rowOf } from './names.ts'

export interface ViewCheck {
  /** Throws an assertion error when the view is not what the events make of it. */
  look(readModels: ReadModelStore, events: EventStore): Promise<void>
}

/** The only view of the model, as the app names it. */
const viewName = { name: modelName, modelVersion: 1, generation: 1 }

interface Row {
  readonly key: string
  readonly events: number
  readonly sum: number
}
interface Fold {
  readonly position: number
  readonly commitNo: number
  readonly eventId: string
  rows(tenant: string): readonly Row[]
  add(event: StoredEvent): void
}

export function createViewCheck(): ViewCheck {
  let fold = createFold()

  /** Brings the fold to a position. One that lies behind it, after a server has lost what it need not keep, is reached from the start. */
  const foldTo = async (position: number, events: EventStore): Promise<void> => {
    if (position < fold.position) fold = createFold()
    while (fold.position < position) {
      const page = await events.readAll({ after: fold.position, limit: 5000 })
      assert.ok(page.length > 0, `The checkpoint stands at ${position}, where the log has nothing.`)
      for (const event of page) if (event.position <= position) fold.add(event)
    }
  }

  return {
    look: async (readModels, events) => {
      const view = await readModels.open(viewName)
      const checkpoint = await view.checkpoint()
      if (checkpoint === undefined) {
        for (const tenant of tenants) assert.deepEqual(await rowsOf(view, tenant), [])
        return
      }
      assert.equal(checkpoint.incarnation, events.identity.incarnation)
      await foldTo(checkpoint.position, events)
      assert.equal(checkpoint.eventId, fold.eventId, 'The checkpoint names another event.')
      const [next] = await events.readAll({ after: fold.position, limit: 1 })
      assert.notEqual(next?.commitNo, fold.commitNo, 'The checkpoint stands in the middle of a commit.')
      for (const tenant of tenants)
        assert.deepEqual(await rowsOf(view, tenant), fold.rows(tenant), `Rows of "${tenant}" at ${fold.position}.`)
    },
  }
}

function createFold(): Fold {
  const rows = new Map<string, Map<string, Row>>(tenants.map((tenant) => [tenant, new Map()]))
  let last: StoredEvent | undefined
  return {
    get position() {
      return last?.position ?? 0
    },
    get commitNo() {
      return last?.commitNo ?? 0
    },
    get eventId() {
      return last === undefined ? '' : `${last.commandId}.${last.index}`
    },
    rows: (tenant) => [...(rows.get(tenant)?.values() ?? [])].sort((one, other) => (one.key < other.key ? -1 : 1)),
    add: (event) => {
      const key = rowOf(event.aggregateId)
      const { amount } = JSON.parse(event.data) as { readonly amount: number }
      const { events, sum } = rows.get(event.tenant)?.get(key) ?? { events: 0, sum: 0 }
      rows.get(event.tenant)?.set(key, { key, events: events + 1, sum: sum + amount })
      last = event
    },
  }
}

async function rowsOf(view: View, tenant: string): Promise<readonly Row[]> {
  const { rows } = await view.list(tenant, { limit: 10_000 })
  return rows.map((row) => JSON.parse(row) as Row)
}
