// The ready-made read model: the current state of each aggregate of one kind, with get and list.
import { aggregateParts, evolve } from '../aggregates/aggregate.ts'
import type { Aggregate } from '../aggregates/aggregate.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { historyRange, limitOfEach, limitOfOne } from './history.ts'
import type { HistoryAsked, HistoryPage, HistoryRange } from './history.ts'
import { readModelSettings } from './read-model-options.ts'
import type { ReadModelOptions } from './read-model-options.ts'
import type { ReadModelParts, RowAccess, RowHandler } from './read-model-parts.ts'
import { tellsHandlers } from './read-model.ts'
import type { Readable } from './read-model.ts'
import type { MustBeJson } from '../schema/schema.ts'

/** One aggregate as its projection keeps it. */
export interface Model<State> {
  readonly tenant: string
  readonly id: string
  readonly state: State
  readonly version: number
  /** RFC 3339: the first and the last event. */
  readonly createdAt: string
  readonly updatedAt: string
}
export interface ModelWithHistory<State> extends Model<State> {
  readonly history: HistoryPage
}
/** A model, with its history when that was asked for. */
export type ModelOf<State, History extends HistoryAsked> = History extends false | undefined
  ? Model<State>
  : ModelWithHistory<State>
type Keys<State> = State extends unknown ? keyof State & string : never
/** `History` is what was written as `history`: it decides what the models are. */
export interface ModelListOptions<State, History extends HistoryAsked = undefined> {
  /** From 1. */
  readonly page?: number | undefined
  /** 1 to 1,000; default 100. */
  readonly pageSize?: number | undefined
  /** Ascending; ties by id. Default `id`. */
  readonly orderBy?: 'id' | 'createdAt' | 'updatedAt' | Keys<State> | undefined
  /** Fields of the state that must be equal. */
  readonly where?:
    | {
        readonly [K in Keys<State>]?:
          | (State extends unknown ? (K extends keyof State ? State[K] : never) : never)
          | undefined
      }
    | undefined
  /** Each model has its newest events, 20 at most. */
  readonly history?: History | undefined
}
/** Aggregates of the caller's tenant. `history` is read from the log, which can be ahead of the view. Reference: docs/reference/history.md. */
export interface Models<State> {
  get<History extends HistoryAsked = undefined>(
    id: string,
    options?: { readonly history?: History | undefined },
  ): Promise<ModelOf<State, History> | undefined>
  list<History extends HistoryAsked = undefined>(
    options?: ModelListOptions<State, History>,
  ): Promise<{ readonly items: readonly ModelOf<State, History>[]; readonly total: number }>
}
/** A projection writes no SQL and its partitions are its aggregates, so it needs no `partitionBy`, and has no `tables`. */
type ProjectionOptions = Omit<ReadModelOptions, 'partitionBy' | 'tables'>
export interface Projection<Name extends string, State> extends Readable<Models<State>> {
  readonly name: Name
}

const pageSizeMax = 1_000

/**
 * Defines the projection of an aggregate: its name is the aggregate's, its state must be JSON.
 * Raise `modelVersion` when a fold changes: a new version is a new view. Reference: docs/reference/read-models.md.
 */
export function projection<const Name extends string, State, Events>(
  aggregate: Aggregate<Name, State, Events> & MustBeJson<State>,
  options: ProjectionOptions = {},
): Projection<Name, State> {
  const parts = aggregateParts(aggregate)
  const handler: RowHandler = {
    keys: (event) => (event.aggregate.type === parts.name ? event.aggregate.id : []),
    fold: (row, event) => next(row as Model<unknown> | undefined, event),
  }
  const next = (model: Model<unknown> | undefined, event: RecordedEvent): Model<unknown> => ({
    tenant: event.tenant,
    id: event.aggregate.id,
    state: evolve(parts, model === undefined ? parts.initial() : model.state, event),
    version: event.version,
    createdAt: model?.createdAt ?? event.recordedAt,
    updatedAt: event.recordedAt,
  })
  const partitionBy = ({ aggregate: { type, id } }: RecordedEvent): string => (type === parts.name ? id : '')
  const definition: ReadModelParts = {
    ...readModelSettings(parts.name, { ...options, partitionBy }),
    name: parts.name,
    events: new Map([...parts.folds].map(([type, fold]) => [type, fold.contract])),
    handlers: new Map([...parts.folds.keys()].map((type) => [type, [handler]])),
    any: [],
    reader: (rows) => models(parts.name, rows),
  }
  return Object.freeze({ ...definition, ...tellsHandlers(definition) }) as unknown as Projection<Name, State>
}

function models(name: string, rows: RowAccess): Models<unknown> {
  /** The models as they are shown: with their histories, or for whoever asks for them. */
  const withHistory = async <Found extends Model<unknown>>(
    found: readonly Found[],
    asked: HistoryAsked,
    range: HistoryRange | undefined,
  ): Promise<readonly Found[]> => {
    const ids = found.map(({ id }) => id)
    if (range === undefined) {
      if (asked === undefined) rows.history.shown(name, ids)
      return found
    }
    const pages = await rows.history.read(name, ids, range)
    return found.map((model, at) => ({ ...model, history: pages[at] }))
  }
  return {
    get: async <History extends HistoryAsked>(
      id: string,
      { history }: { readonly history?: History | undefined } = {},
    ) => {
      const range = historyRange(history, limitOfOne)
      const model = (await rows.get(id)) as ModelOf<unknown, History> | undefined
      if (model === undefined) return undefined
      rows.shown(model.version)
      return (await withHistory([model], history, range))[0]
    },
    list: async <History extends HistoryAsked>({
      page = 1,
      pageSize = 100,
      orderBy = 'id',
      where = {},
      history,
    }: ModelListOptions<Record<string, unknown>, History> = {}) => {
      const range = historyRange(history, limitOfEach)
      if (!Number.isSafeInteger(page) || page < 1) throw new Error(`Expected page to be 1 or more, received ${page}.`)
      if (!Number.isSafeInteger(pageSize) || pageSize < 1 || pageSize > pageSizeMax)
        throw new Error(`Expected pageSize from 1 to ${pageSizeMax}, received ${pageSize}.`)
      const own = orderBy === 'createdAt' || orderBy === 'updatedAt'
      const { items, total } = await rows.find({
        equals: Object.entries(where).flatMap(([field, value]) =>
          value === undefined ? [] : [{ path: ['state', field], value: value as string | number | boolean | null }],
        ),
        orderBy: orderBy === 'id' ? undefined : own ? [orderBy] : ['state', orderBy],
        limit: pageSize,
        offset: (page - 1) * pageSize,
      })
      return { items: await withHistory(items as readonly ModelOf<unknown, History>[], history, range), total }
    },
  }
}
