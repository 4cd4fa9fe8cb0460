// The prepared logs of the suite, one on each store, and what rebuilds their views.
import { join } from 'node:path'
import type { Backend } from '@gesta/core'
import { postgres } from '@gesta/postgres'
import { sqlite } from '@gesta/sqlite'
import { storeRuntime } from '../../deposit-commit.ts'
import { loadFile, loadServer } from '../../limits/load-log.ts'
import { loadedMoves, rowsSeen, startMoves, viewName } from '../../moves.ts'
import type { MovesOptions } from '../../moves.ts'
import { newFolder } from '../../scratch.ts'

/** Where a log lies, as a process of its own is told it. */
export type LogPlace =
  | { readonly store: 'sqlite'; readonly path: string }
  | { readonly store: 'postgres'; readonly url: string; readonly schema: string }

export function backendOf(place: LogPlace): Backend {
  return place.store === 'sqlite' ? sqlite(place.path) : postgres({ url: place.url, schema: place.schema })
}

export async function fileOfMoves(scratch: string, events: number): Promise<LogPlace & { readonly path: string }> {
  const path = join(newFolder(scratch), `moves-${events}.db`)
  await make(sqlite(path))
  loadFile(path, events, loadedMoves(events))
  return { store: 'sqlite', path }
}

export async function schemaOfMoves(url: string, events: number): Promise<LogPlace & { readonly schema: string }> {
  const schema = `moves_${events}`
  await make(postgres({ url, schema }))
  await loadServer(url, schema, events, loadedMoves(events))
  return { store: 'postgres', url, schema }
}

/** Opened once, a store has its schema. */
async function make(backend: Backend): Promise<void> {
  await (await backend.open(storeRuntime))[Symbol.asyncDispose]()
}

/** An app whose views are there and can be built again. */
export interface Rebuilder extends AsyncDisposable {
  /** Builds the first so many views from the start of the log, at once, until queries read them; in milliseconds. */
  rebuild(views?: number): Promise<number>
  /** Rows of the first view. */
  rows(): Promise<number>
}

export async function startRebuilder(place: LogPlace, options: MovesOptions = {}): Promise<Rebuilder> {
  const app = await startMoves(backendOf(place), options)
  await app.caughtUp()
  return {
    rebuild: async (views = 1) => {
      const controls = Array.from({ length: views }, (_, at) => app.readModels.control(viewName(at)))
      const startedAt = performance.now()
      await Promise.all(controls.map(async (control) => (await control.restore({ fromZero: true })).done))
      return performance.now() - startedAt
    },
    rows: () => app.query(rowsSeen({})),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}
