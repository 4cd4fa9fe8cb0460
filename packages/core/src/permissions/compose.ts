// Permissions made of permissions.
import { hasLevel } from './level.ts'
import { denialOf, deny } from './permission.ts'
import type { Caller, Check, Denied, Permission } from './permission.ts'

/** Allows when one of them does; the last denial is given when none does. None at all denies. */
export function anyOf<In>(...permissions: readonly Permission<In>[]): Check<In> {
  return async (input, caller) => {
    let denial: Denied = deny('no permission is listed')
    for (const permission of permissions) {
      const answer = await evaluate(permission, input, caller)
      if (answer === undefined) return undefined
      denial = answer
    }
    return denial
  }
}

/** Allows when all of them do; the first denial is given. None at all denies. */
export function allOf<In>(...permissions: readonly Permission<In>[]): Check<In> {
  return async (input, caller) => {
    if (permissions.length === 0) return deny('no permission is listed')
    for (const permission of permissions) {
      const answer = await evaluate(permission, input, caller)
      if (answer !== undefined) return answer
    }
    return undefined
  }
}

/** A check that throws denies, here as everywhere: inside anyOf the next one is asked. `authorized`: groups hold the contract's permission. */
async function evaluate<In>(permission: Permission<In>, input: In, caller: Caller): Promise<Denied | undefined> {
  try {
    if (typeof permission === 'string') {
      if (!hasLevel(permission, caller)) return deny(`the caller is not ${permission}`)
      if (permission !== 'authorized' || caller.holds(caller.permission)) return undefined
      return deny(`no group of the caller holds ${caller.permission}`)
    }
    return denialOf(await permission(input, caller))
  } catch {
    return deny('the check failed')
  }
}
