// Who gets at the stores: system administrators, so often and no oftener, and never without an entry in the audit log before.
import type { AnyContract, Handler, InputOf } from '../contracts/contract.ts'
import type { HandlerContext } from '../dispatch/handler.ts'
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
  act: (app: Introspection, input: InputOf<Contract>, context: HandlerContext) => Promise<Result>,
): Handler<Contract> {
  const { type, kind } = contract
  return introspecting(contract, (app) => {
    const take = createRateLimit(app.clock, rate)
    const run = async (input: InputOf<Contract>, asked: HandlerContext): Promise<Result> => {
      const { context: caller } = asked
      const metadata = asked.metadata
      take(JSON.stringify([caller.tenant, caller.identity ?? caller.account]), type)
      // No commit says later that the permission still holds, so it is looked at here and now.
      await app.permissions.require(caller, type, metadata)
      const action = kind === 'command' ? `${type}.Intent` : type
      await app.audit.record(caller, { action, ...useOf(input) }, metadata)
      return act(app, input, asked)
    }
    return (kind === 'command' ? once(run as never) : run) as unknown as RunOf<Contract>
  })
}
