// Readers of views for queries: rows of one tenant, decoded, once the view has the position that the caller asked for.
import { decode } from '../codec/json.ts'
import type { Reading, Views } from '../dispatch/views.ts'
import { readModelParts } from '../read-models/read-model-parts.ts'
import type { RowAccess } from '../read-models/read-model-parts.ts'
import type { View } from '../stores/read-model/read-model-store.ts'
import { createDecodedRows } from './decoded-rows.ts'
import type { DecodedRows } from './decoded-rows.ts'
import type { ViewAccess } from './view-access.ts'

/** Readers over these read models' views. */
export function createViews(models: ReadonlyMap<string, ViewAccess>): Views {
  const decoded = createDecodedRows()
  return {
    reader: (definition, reading) => {
      const access = models.get(definition.name)
      if (access === undefined)
        throw new Error(`The app has no read model ${definition.name}. Add it to readModels of its domain.`)
      return readModelParts(definition).reader(rowsOf(access, reading, decoded))
    },
  }
}

function rowsOf(
  access: ViewAccess,
  { tenant, after, deadline, seen, history }: Reading,
  decoded: DecodedRows,
): RowAccess {
  /** A view may be replaced and removed while it is read: then the one in its place is asked. */
  const ask = async <Answer>(read: (view: View) => Promise<Answer>): Promise<Answer> => {
    const ready = access.ready(after, deadline)
    const view = ready instanceof Promise ? await ready : ready
    try {
      return await read(view)
    } catch (cause) {
      return read(await access.instead(view, cause))
    }
  }
  return {
    get: async (key) => {
      seen.reads++
      const text = await ask((view) => view.get({ tenant, key }))
      if (after !== undefined) await access.checkRow(tenant, key, after)
      return text === undefined ? undefined : decoded.row(text)
    },
    list: async (range) => {
      seen.reads++
      const { rows, total } = await ask((view) => view.list(tenant, range))
      return { items: rows.map(decode), total }
    },
    find: async (filter) => {
      seen.reads++
      const { rows, total } = await ask((view) => view.find(tenant, filter))
      return { items: rows.map(decode), total }
    },
    select: (statement) => {
      seen.reads += 2
      return ask((view) => view.select(statement(view.table, tenant)))
    },
    shown: (version) => void seen.versions.push(version),
    history,
  }
}
