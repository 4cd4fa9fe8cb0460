// Readers of views for queries: rows of one tenant, decoded, once the view has the position that the caller asked for.
import { decode } from '../codec/json.ts'
import type { Reading, Views } from '../dispatch/views.ts'
import { readModelParts } from '../read-models/read-model.ts'
import type { RowAccess } from '../read-models/read-model.ts'
import type { Follower } from './follower.ts'

/** Readers over these followers' views. */
export function createViews(followers: ReadonlyMap<string, Follower>): Views {
  return {
    reader: (definition, reading) => {
      const follower = followers.get(definition.name)
      if (follower === undefined)
        throw new Error(`The app has no read model ${definition.name}. Add it to readModels of its domain.`)
      return readModelParts(definition).reader(rowsOf(follower, reading))
    },
  }
}

function rowsOf(follower: Follower, { tenant, after, deadline, seen }: Reading): RowAccess {
  const { view } = follower
  const ready = (): Promise<void> | undefined => {
    seen.reads++
    // A view that no longer follows is still readable as it is; it is only refused where it cannot be true.
    if (after === undefined) return follower.state === 'diverged' ? follower.reach(0, deadline) : undefined
    return follower.position >= after && follower.state !== 'diverged' ? undefined : follower.reach(after, deadline)
  }
  return {
    get: async (key) => {
      const wait = ready()
      if (wait !== undefined) await wait
      const text = await view.get({ tenant, key })
      return text === undefined ? undefined : decode(text)
    },
    list: async (range) => {
      const wait = ready()
      if (wait !== undefined) await wait
      const { rows, total } = await view.list(tenant, range)
      return { items: rows.map(decode), total }
    },
    find: async (filter) => {
      const wait = ready()
      if (wait !== undefined) await wait
      const { rows, total } = await view.find(tenant, filter)
      return { items: rows.map(decode), total }
    },
    shown: (version) => void seen.versions.push(version),
  }
}
