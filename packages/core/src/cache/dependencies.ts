// What cached values depend on: for each stream that a kept value or a running load was made from, the position of the newest event of
// it that this process has heard of. A value is current while none of its streams has moved behind the position that it was loaded at.
//
// Nothing is remembered of streams that no value depends on, so memory is bounded by the values that are kept.
import { checkKey } from '../codec/key-text.ts'
import { cacheTagStream } from '../contracts/cache-invalidated.ts'
import type { CachedOptions } from '../dispatch/caching.ts'
import type { TenantStream } from '../stores/event/event-store.ts'

export interface Cell {
  readonly stream: string
  position: number
  users: number
}
/** Something that was made from streams, at a position of the log. */
export interface Dependent {
  /** Every event up to here was seen by who made it. */
  readonly at: number
  readonly cells: readonly Cell[]
}

export interface Dependencies {
  /** The cells of these streams, and of the tenant. Give them back with `release`. */
  hold(tenant: string, streams: readonly TenantStream[]): readonly Cell[]
  /** The same once more, for another user. */
  share(cells: readonly Cell[]): readonly Cell[]
  release(cells: readonly Cell[]): void
  /** A stream has an event there; whether something depended on it. */
  moved(tenant: string, aggregateType: string, aggregateId: string, position: number): boolean
  /** Everything of the tenant is older than this position. */
  movedTenant(tenant: string, position: number): void
  readonly size: number
}

const dependenciesMax = 64

export function isCurrent({ at, cells }: Dependent): boolean {
  for (const { position } of cells) if (position > at) return false
  return true
}

/** The streams of options. Errors: `invalid_key`; a plain one for too many. */
export function streamsOf(tenant: string, { aggregates = none, tags = none }: CachedOptions): readonly TenantStream[] {
  if (aggregates.length + tags.length > dependenciesMax)
    throw new Error(
      `Expected a cached value to depend on at most ${dependenciesMax} aggregates and tags, received ${aggregates.length + tags.length}. Use one tag for many.`,
    )
  return [
    ...aggregates.map(([{ name }, id]) => streamNamed(tenant, name, id, `the id of ${name}`)),
    ...tags.map((tag) => streamNamed(tenant, cacheTagStream, tag, 'the tag')),
  ]
}

function streamNamed(tenant: string, aggregateType: string, aggregateId: string, what: string): TenantStream {
  checkKey(aggregateId, what)
  return { tenant, aggregateType, aggregateId }
}

export function createDependencies(): Dependencies {
  const cells = new Map<string, Cell>()
  const hold = (stream: string): Cell => {
    let cell = cells.get(stream)
    if (cell === undefined) cells.set(stream, (cell = { stream, position: 0, users: 0 }))
    cell.users++
    return cell
  }
  const move = (stream: string, position: number): boolean => {
    const cell = cells.get(stream)
    if (cell === undefined || position <= cell.position) return false
    cell.position = position
    return true
  }
  return {
    hold: (tenant, streams) => [
      hold(tenant),
      ...streams.map(({ aggregateType, aggregateId }) => hold(nameOf(tenant, aggregateType, aggregateId))),
    ],
    share: (shared) => {
      for (const cell of shared) cell.users++
      return shared
    },
    release: (held) => {
      for (const cell of held) if (--cell.users === 0) cells.delete(cell.stream)
    },
    moved: (tenant, type, id, position) => cells.size > 0 && move(nameOf(tenant, type, id), position),
    movedTenant: (tenant, position) => void move(tenant, position),
    get size() {
      return cells.size
    },
  }
}

/** None of them can have NUL. */
function nameOf(tenant: string, aggregateType: string, aggregateId: string): string {
  return `${tenant}\0${aggregateType}\0${aggregateId}`
}

const none: readonly never[] = []
