// How far a caller reaches: groups that somebody has in one workspace alone do not reach what concerns the whole tenant.
import { GestaError, handle } from '@gesta/core'
import type { AnyContract, Handler, HandlerContext, RequestContext } from '@gesta/core'

type Runnable = AnyContract & { readonly kind: 'command' | 'query' }
type Run<Contract extends Runnable> = Parameters<typeof handle<Contract>>[1]

/** `handle`, for callers who ask in no workspace. Errors: `permission_denied`. */
export function handleTenantWide<Contract extends Runnable>(contract: Contract, run: Run<Contract>): Handler<Contract> {
  const inner = run as (input: unknown, context: HandlerContext) => Promise<unknown>
  const guarded = async (input: unknown, context: HandlerContext): Promise<unknown> => {
    checkPlace(context.context, contract.type)
    return inner(input, context)
  }
  return handle(contract, guarded as unknown as Run<Contract>)
}

/** Errors: `permission_denied` for a caller who was allowed in a workspace, but not in the one that this concerns. */
export function checkPlace({ targetWorkspace }: RequestContext, contract: string, workspace?: string): void {
  if (targetWorkspace === undefined || targetWorkspace === workspace) return
  const reason = 'it reaches further than the workspace that it was asked for in'
  throw new GestaError('permission_denied', `The caller may not ${contract}.`, {
    facts: { contract, reason, anonymous: false },
  })
}
