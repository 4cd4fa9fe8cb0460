// The registry's errors: what was wrong (`kind`) with which contract.
import { GestaError } from '../errors/gesta-error.ts'
import type { ErrorFacts } from '../errors/gesta-error.ts'

export type ContractErrorKind =
  | 'duplicate_handler'
  | 'missing_handler'
  | 'unsupported_handler'
  | 'nil_handler'
  | 'no_event_recorder'
  | 'subscriber_failed'
  | 'role_not_allowed'

/** A failed registration, execution or publication. `code` equals `kind`. Reference: docs/reference/contracts.md. */
export class ContractError extends GestaError {
  override readonly name: string = 'ContractError'
  readonly kind: ContractErrorKind
  /** The contract's name, or the empty text when there is no contract to name. */
  readonly contract: string

  constructor(
    kind: ContractErrorKind,
    contract: string,
    message: string,
    options: { readonly cause?: unknown; readonly facts?: ErrorFacts } = {},
  ) {
    super(kind, message, { ...options, facts: { contract, ...options.facts } })
    this.kind = kind
    this.contract = contract
  }
}

/** The first registry error in the chain of causes (of this kind, when one is given). Reference: docs/reference/contracts.md. */
export function findContractError(error: unknown, kind?: ContractErrorKind): ContractError | undefined {
  const seen = new Set<unknown>()
  for (let current = error; current instanceof Error && !seen.has(current); current = current.cause) {
    seen.add(current)
    if (current instanceof ContractError && (kind === undefined || current.kind === kind)) return current
  }
  return undefined
}

/** Whether `error`, or anything in its chain of causes, is a registry error (of this kind, when one is given). Reference: docs/reference/contracts.md. */
export function isContractError(error: unknown, kind?: ContractErrorKind): boolean {
  return findContractError(error, kind) !== undefined
}
