// Folding a batch in several workers, each of which has a part of the view: events of one key always go to the same worker, in order.
// What they make is put together as one flush, so a view does not know how many there were.
import type { StoredEvent } from '../stores/event/event-store.ts'
import type { SqlStatement } from '../stores/read-model/own-tables.ts'
import type { RowKey, RowWrite, View } from '../stores/read-model/read-model-store.ts'
import type { ReadModelParts } from '../read-models/read-model-parts.ts'

/** A statement of a read model's own, and the event that it is for. */
export interface PlacedStatement extends SqlStatement {
  readonly position: number
}
/** What a worker made of its part of a batch. */
export interface PartFolded {
  readonly writes: readonly RowWrite[]
  readonly statements: readonly PlacedStatement[]
  readonly applied: number
}
/** A worker that folds one part of a view, and keeps the rows of it. */
interface PartitionWorker extends AsyncDisposable {
  /** Errors: whatever a handler threw; the batch is then folded again without workers, where failures are dealt with. */
  fold(events: readonly StoredEvent[]): Promise<PartFolded>
}
/** Starts a worker that has loaded the read model from its module. `load` reads rows of the view. */
export type OpenPartitionWorker = (
  model: { readonly name: string; readonly modelVersion: number; readonly module: string },
  tables: { readonly [name: string]: string },
  load: (keys: readonly RowKey[]) => Promise<readonly (string | undefined)[]>,
) => Promise<PartitionWorker>
export interface PartitionWorkers {
  /** How many work on one view. */
  readonly count: number
  readonly open: OpenPartitionWorker
}
export interface Partitions extends AsyncDisposable {
  fold(events: readonly StoredEvent[]): Promise<PartFolded>
}

/** Workers for a view; `partOf` says which one an event belongs to, by its key. Errors: a plain one when the module cannot be loaded. */
export async function openPartitions(
  { count, open }: PartitionWorkers,
  model: ReadModelParts & { readonly module: string },
  view: View,
  partOf: (event: StoredEvent) => string,
): Promise<Partitions> {
  const names = model.tables?.names ?? []
  const tables = Object.fromEntries(names.map((name) => [name, view.table(name)]))
  await using opening = new AsyncDisposableStack()
  const named = { name: model.name, modelVersion: model.modelVersion, module: model.module }
  const workers: PartitionWorker[] = []
  for (let number = 0; number < count; number++) workers.push(opening.use(await open(named, tables, view.load)))
  const opened = opening.move()
  return {
    fold: async (events) => {
      const parts: StoredEvent[][] = workers.map(() => [])
      for (const event of events) parts[hashOf(partOf(event), count)]?.push(event)
      const made = await Promise.all(workers.map((worker, at) => worker.fold(parts[at] ?? [])))
      return {
        writes: apart(
          model.name,
          made.map(({ writes }) => writes),
        ),
        // Statements may meet in one row of a table, so they go in the order of the log.
        statements: made.flatMap(({ statements }) => statements).toSorted((a, b) => a.position - b.position),
        applied: made.reduce((sum, { applied }) => sum + applied, 0),
      }
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** All writes; a row that two workers wrote shows that the keys do not part the view. */
function apart(name: string, parts: readonly (readonly RowWrite[])[]): readonly RowWrite[] {
  const owners = new Map<string, number>()
  parts.forEach((writes, worker) => {
    for (const { tenant, key } of writes) {
      const owner = owners.get(`${tenant}\0${key}`)
      if (owner !== undefined && owner !== worker)
        throw new Error(
          `Events of two keys touch the row ${key} of the read model ${name}: its partitionBy does not part it.`,
        )
      owners.set(`${tenant}\0${key}`, worker)
    }
  })
  return parts.flat()
}

/** FNV-1a: the same in every run, which is all that is asked of it. */
function hashOf(text: string, count: number): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % count
}
