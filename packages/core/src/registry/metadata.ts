// What a registry tells about itself: deterministic rows, filtered by the same gate that execution passes.
import type { ContractParts } from '../contracts/contract.ts'
import type { Category, Kind } from '../contracts/messages.ts'
import type { Entry, EventEntry } from './entry.ts'
import { allows } from './roles.ts'
import type { AllowedRole } from './roles.ts'

/** One registered contract, as a copy. An event has one row per category and type. */
export interface Metadata {
  readonly kind: Kind
  /** Events only. */
  readonly eventCategory?: Category
  /** The contract's name, `Domain.Type`. */
  readonly type: string
  /** Name of the declared result; absent when none is declared. */
  readonly result?: string
  /** 1, or the subscribers that the role may run. */
  readonly handlers: number
  /** The sorted union of the roles that these handlers name. */
  readonly roles: readonly AllowedRole[]
}

/** The row of a contract and those of its entries that the role may run; `undefined` when it may run none. */
export function describe(
  contract: ContractParts,
  entries: readonly Entry[],
  role: AllowedRole | undefined,
): Metadata | undefined {
  const allowed = entries.filter(({ bits }) => allows(bits, role))
  if (allowed.length === 0) return undefined
  const { kind, category, type, resultName } = contract
  return {
    kind,
    ...(category === undefined ? undefined : { eventCategory: category }),
    type,
    ...(resultName === undefined ? undefined : { result: resultName }),
    handlers: allowed.length,
    roles: [...new Set(allowed.flatMap(({ roles }) => roles ?? []))].toSorted(compare),
  }
}

/** The rows of all contracts that the role may run, sorted by kind, category and type. */
export function metadataOf(
  singles: readonly ReadonlyMap<string, Entry>[],
  events: readonly ReadonlyMap<string, EventEntry>[],
  role: AllowedRole | undefined,
): Metadata[] {
  const rows = [
    ...singles.flatMap((held) => [...held.values()].map((entry) => describe(entry.contract, [entry], role))),
    ...events.flatMap((held) => [...held.values()].map((event) => describe(event.contract, event.subscribers, role))),
  ]
  return rows.filter((row) => row !== undefined).toSorted(compareMetadata)
}

function compareMetadata(a: Metadata, b: Metadata): number {
  return compare(a.kind, b.kind) || compare(a.eventCategory ?? '', b.eventCategory ?? '') || compare(a.type, b.type)
}

/** By code units, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
