// The ready-made read model: the current state of each aggregate of one kind, with get and list.
import { aggregateParts, evolve } from '../aggregates/aggregate.ts'
import type { Aggregate } from '../aggregates/aggregate.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { modelVersionOf } from './read-model.ts'
import type { ReadModelOptions, ReadModelParts, Readable, RowAccess, RowHandler } from './read-model.ts'
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
type Keys<State> = State extends unknown ? keyof State & string : never
export interface ModelListOptions<State> {
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
}
/** Aggregates of the caller's tenant. */
export interface Models<State> {
  get(id: string): Promise<Model<State> | undefined>
  list(options?: ModelListOptions<State>): Promise<{ readonly items: readonly Model<State>[]; readonly total: number }>
}
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
  options: ReadModelOptions = {},
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
  const definition: ReadModelParts = {
    name: parts.name,
    modelVersion: modelVersionOf(parts.name, options),
    events: new Map([...parts.folds].map(([type, fold]) => [type, fold.contract])),
    handlers: new Map([...parts.folds.keys()].map((type) => [type, [handler]])),
    reader: models,
  }
  return Object.freeze(definition) as unknown as Projection<Name, State>
}

function models(rows: RowAccess): Models<unknown> {
  return {
    get: async (id) => {
      const model = (await rows.get(id)) as Model<unknown> | undefined
      if (model !== undefined) rows.shown(model.version)
      return model
    },
    list: async ({
      page = 1,
      pageSize = 100,
      orderBy = 'id',
      where = {},
    }: ModelListOptions<Record<string, unknown>> = {}) => {
      if (!Number.isSafeInteger(page) || page < 1) throw new Error(`Expected page to be 1 or more, received ${page}.`)
      if (!Number.isSafeInteger(pageSize) || pageSize < 1 || pageSize > pageSizeMax)
        throw new Error(`Expected pageSize from 1 to ${pageSizeMax}, received ${pageSize}.`)
      const own = orderBy === 'createdAt' || orderBy === 'updatedAt'
      const found = await rows.find({
        equals: Object.entries(where).flatMap(([field, value]) =>
          value === undefined ? [] : [{ path: ['state', field], value: value as string | number | boolean | null }],
        ),
        orderBy: orderBy === 'id' ? undefined : own ? [orderBy] : ['state', orderBy],
        limit: pageSize,
        offset: (page - 1) * pageSize,
      })
      return { items: found.items as readonly Model<unknown>[], total: found.total }
    },
  }
}
