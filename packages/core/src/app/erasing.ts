// Erasure as a started app has it: what it touches of the app, its completion at start, and the watch for other processes.
import type { AggregateStates } from '../dispatch/aggregate-states.ts'
import { completeErasures, erase } from '../erasure/erase.ts'
import type { ErasureParts, Erasure, EraseRequest, Told } from '../erasure/erase.ts'
import { watchErasures } from '../erasure/watch.ts'
import type { Pump } from '../pump/pump.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import type { KeyScope } from '../stores/key/key-store.ts'
import type { Sealing } from '../stores/event/sealing.ts'
import type { Catalogue } from './catalogue.ts'

export interface Erasing {
  /** Forgets in this process what it knows of a subject. */
  forget(scope: KeyScope): Promise<void>
  /** Up to this position of the log, what was erased is forgotten here. */
  readonly clearedUpTo: number
  erase(request: EraseRequest): Promise<Erasure & Told>
  /** Watches for what other processes erase, until the pump stops. Never rejects. */
  watch(): Promise<void>
}
export interface ErasingParts {
  readonly backend: OpenBackend
  readonly sealing: Sealing
  readonly states: AggregateStates
  readonly pump: Pump
  readonly catalogue: Catalogue
}

/** Completes the erasures that a crash interrupted. Errors: `store_*`, `outcome_unknown`. */
export async function openErasing(
  { backend, sealing, states, pump, catalogue }: ErasingParts,
  { clock, ids }: BackendRuntime,
): Promise<Erasing> {
  const { keys, credentials, events: store, snapshots } = backend
  const personalTypes = new Set(
    [...catalogue.aggregates.values()]
      .filter(({ folds }) => [...folds.values()].some(({ contract }) => contract.personal !== undefined))
      .map(({ name }) => name),
  )
  const evict: ErasureParts['evict'] = async ({ tenant, subject }) => {
    sealing.keyring.forget({ tenant, subject })
    states.forgetTypes(tenant, personalTypes)
    pump.forget()
    if (backend.readOnly !== true) await snapshots.deletePersonal(tenant)
  }
  const parts: ErasureParts = { keys, credentials, store, clock, evict }
  // Nothing is in memory yet, so what the log tells up to here needs no watching.
  const from = pump.head
  let clearedUpTo = from
  const onSeen = (position: number): void => void (clearedUpTo = position)
  if (backend.readOnly !== true) await completeErasures(parts)
  return {
    forget: evict,
    get clearedUpTo() {
      return clearedUpTo
    },
    erase: (request) => erase(parts, request),
    watch: () => watchErasures({ pump, store, clock, ids, evict, onSeen }, from),
  }
}
