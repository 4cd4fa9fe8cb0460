// Who gets at the stores: system administrators, so often and no oftener, and never without an entry in the audit log before.
import type { AnyContract, Handler, InputOf } from '../contracts/contract.ts'
import type { HandlerContext } from '../dispatch/handler.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { introspecting } from './introspecting.ts'
import type { RunOf } from './introspecting.ts'
import type { Introspection } from './introspection.ts'
import { once } from './once.ts'
import { createRateLimit } from './rate-limit.ts'
import type { RateLimit } from './rate-limit.ts'

/** What a use is about, for the audit log. */
export interface Use {
  /** Such as `event/acme/C-1.0`. */
  readonly resource: string
  readonly reason?: string | undefined
}
type Storing = AnyContract & { readonly kind: 'command' | 'query' }

/**
 * A handler that does nothing before its use is known to be allowed and is in the audit log.
 * Errors: `permission_denied`, `rate_limited`; `store_*` of the audit log: nothing was done then.
 */
export function guarded<Contract extends Storing, Result>(
  contract: Contract,
  rate: RateLimit,
  useOf: (input: InputOf<Contract>) => Use,
  act: (app: Introspection, input: InputOf<Contract>, caller: RequestContext) => Promise<Result>,
): Handler<Contract> {
  const { type, kind } = contract
  return introspecting(contract, (app) => {
    const take = createRateLimit(app.clock, rate)
    const run = async (input: InputOf<Contract>, { context }: HandlerContext): Promise<Result> => {
      take(JSON.stringify([context.tenant, context.identity ?? context.account]), type)
      await requireAdministrator(app, context, type)
      const action = kind === 'command' ? `${type}.Intent` : type
      await app.audit.record(context, { action, ...useOf(input) })
      return act(app, input, context)
    }
    return (kind === 'command' ? once(run as never) : run) as unknown as RunOf<Contract>
  })
}

/** Groups may hold a permission of a store and are not enough. Looked at here and now: no commit says later that it still holds. */
async function requireAdministrator(
  { permissions, audit }: Introspection,
  caller: RequestContext,
  type: string,
): Promise<void> {
  await permissions.require(caller, type)
  const { path } = await permissions.explain(caller, type)
  const last = path.at(-1)
  if (last?.step === 'administrators' && last.result === 'allowed') return
  const reason = 'stores are for system administrators'
  await audit.record(caller, { action: type, outcome: 'denied', reason })
  throw new GestaError(
    'permission_denied',
    `The caller may not run ${type}. Only members of the administrators of the tenant SYSTEM may.`,
    { facts: { contract: type, reason, anonymous: false } },
  )
}
