// What a directory answered, looked at before anything is allowed by it: an answer that makes no sense allows nothing.
import type { DirectoryGroup, DirectoryIdentity } from './directory.ts'
import { unavailable } from './denial.ts'

/** Errors: `permissions_unavailable` for what is no answer. */
export function checkIdentity(answer: unknown): DirectoryIdentity | undefined {
  if (answer === undefined || isIdentity(answer)) return answer
  throw nonsense('identity', '{ groups, workspaces? } or nothing')
}
/** Errors: `permissions_unavailable` for what is no answer. */
export function checkGroup(answer: unknown): DirectoryGroup | undefined {
  if (answer === undefined || isGroup(answer)) return answer
  throw nonsense('group', '{ permissions, groups? } or nothing')
}
/** Errors: `permissions_unavailable` for what is no answer. */
export function checkYesOrNo(method: 'hasWorkspace', answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  throw nonsense(method, 'true or false')
}
/** Errors: `permissions_unavailable` for what is no answer. */
export function checkSession(answer: unknown, isForIdentity: boolean): boolean | 'identity' {
  if (typeof answer === 'boolean' || (answer === 'identity' && !isForIdentity)) return answer
  throw nonsense('session', `true or false${isForIdentity ? '' : ', or "identity"'}`)
}

export function isIdentity(value: unknown): value is DirectoryIdentity {
  if (!isObject(value) || !isTexts(value['groups'])) return false
  const { workspaces = [] } = value
  return (
    Array.isArray(workspaces) &&
    workspaces.every((one) => isObject(one) && typeof one['workspace'] === 'string' && isTexts(one['groups']))
  )
}
export function isGroup(value: unknown): value is DirectoryGroup {
  return isObject(value) && isTexts(value['permissions']) && (value['groups'] === undefined || isTexts(value['groups']))
}
export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

function nonsense(method: string, expected: string): Error {
  return unavailable(`the directory's ${method}() did not answer with ${expected}`)
}
