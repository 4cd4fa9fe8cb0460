// The order of authorization, as one pure function: level, system administrators, tenant, groups, workspace; whatever allows nothing denies.
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { isSystemContext, systemTenant } from '../request-context/system-context.ts'
import type { DecisionStep } from './app-permissions.ts'
import { refusalOfSession } from './denial.ts'
import { holds } from './held.ts'
import { hasLevel } from './level.ts'
import type { Holdings, PermissionSet } from './permission-set.ts'
import type { AskedPermission } from './registry.ts'

type Step = DecisionStep['step']

/**
 * Why a caller may not, as far as that can be said without the input; `undefined`: it may. A contract with a function of its own is decided
 * by groups here: whoever asks the function need not come here.
 * @param set what the caller's groups hold; absent: nobody knows the caller.
 * @param path is given the steps that were taken; the last one decided.
 */
export function refusalOf(
  asked: AskedPermission,
  context: RequestContext,
  set: PermissionSet | undefined,
  path?: DecisionStep[],
): string | undefined {
  const { level, index } = asked
  if (level === 'anonymous') return allow(path, 'level', 'everybody may')
  if (level === 'custom') pass(path, 'custom', 'a function decides by the input; what follows is what groups say')
  if (isSystemContext(context)) return allow(path, 'administrators', 'the app itself asks')
  const least = level === 'custom' ? 'authorized' : level
  if (!hasLevel(least, context)) return refuse(path, 'level', `the caller is not ${least}`)
  const unfit = refusalOfSession(set)
  if (unfit !== undefined) return refuse(path, 'level', unfit)
  if (level === 'authenticated') return allow(path, 'level', 'the caller has an account and a session')
  pass(path, 'level', 'the caller has an account, a session, and an identity in a tenant')
  if (set?.isAdministrator === true) return allow(path, 'administrators', 'the caller is a system administrator')
  if (asked.isAdministrators) return refuse(path, 'administrators', 'it is for system administrators alone')
  pass(path, 'administrators', 'the caller is no system administrator')
  if (context.tenant !== tenantOf(context)) return refuse(path, 'tenant', "another tenant's data is asked for")
  if (asked.isSystems && context.tenant !== systemTenant)
    return refuse(path, 'tenant', `it is for callers of the tenant ${systemTenant} alone`)
  pass(path, 'tenant', 'the caller asks in its own tenant')
  if (set === undefined || !set.isKnown) return refuse(path, 'groups', 'the directory knows no such identity')
  const { workspace } = set
  const byGroups = holds(set.held, index)
  const groups = path === undefined ? undefined : holdersOf(set, index)
  if (workspace === undefined)
    return byGroups
      ? allow(path, 'groups', 'a group of the identity holds it', groups)
      : refuse(path, 'groups', 'no group of the identity holds it', groups)
  if (byGroups && workspace.belongs)
    return allow(path, 'groups', 'a group of the identity holds it, in all workspaces of the tenant', groups)
  pass(
    path,
    'groups',
    byGroups ? 'a group holds it, for the tenant alone' : 'no group of the identity holds it',
    groups,
  )
  if (!workspace.belongs) return refuse(path, 'workspace', 'the workspace is none of the tenant')
  if (!workspace.isMember) return refuse(path, 'workspace', 'the identity is no member of the workspace')
  const inside = path === undefined ? undefined : holdersOf(workspace, index)
  return holds(workspace.held, index)
    ? allow(path, 'workspace', 'a group of the identity in the workspace holds it', inside)
    : refuse(path, 'workspace', 'no group of the identity in the workspace holds it', inside)
}

function holdersOf({ groups }: Holdings, index: number): readonly string[] {
  return groups.filter(({ held }) => holds(held, index)).map(({ group }) => group)
}

type Note = (path: DecisionStep[] | undefined, step: Step, reason: string, groups?: readonly string[]) => undefined

const allow: Note = (path, step, reason, groups) => {
  path?.push({ step, result: 'allowed', reason, groups })
  return undefined
}
const pass: Note = (path, step, reason, groups) => {
  path?.push({ step, result: 'passed', reason, groups })
  return undefined
}
function refuse(path: DecisionStep[] | undefined, step: Step, reason: string, groups?: readonly string[]): string {
  path?.push({ step, result: 'denied', reason, groups })
  return reason
}
