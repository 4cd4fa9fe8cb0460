// Permissions and the audit log: what it takes to decide, and what being decided and written down costs. Each part can be measured alone, as
// `permissions/<part>`.
import type { Suite } from '../suite.ts'
import { audited } from './audited.ts'
import { holds } from './holds.ts'
import { queries } from './queries.ts'

export const permissionParts: ReadonlyMap<string, Suite> = new Map([
  ['holds', holds],
  ['queries', queries],
  ['audited', audited],
])

export const permissions: Suite = async function* (settings) {
  for (const part of permissionParts.values()) yield* part(settings)
}
