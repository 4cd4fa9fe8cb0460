// The definition of an app: domains now, stores when it starts.
import type { AnyContract } from '../contracts/contract.ts'
import { checkOptions } from '../schema/options.ts'
import { catalogueOf } from './catalogue.ts'
import { checkApp } from './check-app.ts'
import type { AnyDomain } from './domain.ts'
import type { Running } from './running.ts'
import { start } from './start.ts'
import type { StartOptions } from './start-options.ts'

type TypesOf<Contract extends AnyContract, Kind> = Contract extends { readonly kind: Kind } ? Contract['type'] : never

/** The definition: no I/O yet. Its type is what a client needs. */
export interface App<D extends AnyDomain> {
  readonly name: string
  readonly domains: readonly D[]
  /** Opens the store and runs. Errors: `store_*`. */
  start(
    options?: StartOptions,
  ): Promise<Running<TypesOf<D['contracts'][number], 'command'>, TypesOf<D['contracts'][number], 'query'>>>
}

/** Puts domains together. Errors: plain ones at set-up, for names that clash. Reference: docs/reference/app.md. */
export function createApp<const D extends readonly AnyDomain[]>(
  name: string,
  options: { readonly domains: D },
): App<D[number]> {
  checkOptions(options, ['domains'], `createApp('${name}')`)
  checkApp(name, options.domains)
  const catalogue = catalogueOf(options.domains)
  return { name, domains: options.domains, start: (startOptions = {}) => start(name, catalogue, startOptions) }
}
