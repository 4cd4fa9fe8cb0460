// An entry of the registry of permissions: what can be asked of a caller, by name.
import type { Level } from './permission.ts'

/** Where a permission comes from. */
export type PermissionKind = 'command' | 'query' | 'custom' | 'store'

/** A permission of one's own that a custom function asks for by `caller.holds(name)`. */
export interface CustomPermission {
  /** Names joined by dots, such as `Order.Approve`. */
  readonly name: string
  /** Default: the name; an empty one is refused. */
  readonly description?: string | undefined
  /** Names of permissions that come with it. */
  readonly implies?: readonly string[] | undefined
}

export interface PermissionEntry {
  /** `Domain.Type`. */
  readonly name: string
  readonly domain: string
  readonly type: string
  readonly kind: PermissionKind
  /** The contract's name, unless it was given one. */
  readonly description: string
  /** What is asked; `custom`: its function decides. */
  readonly level: Level | 'custom'
  /** Whether a function decides, instead of groups. */
  readonly custom: boolean
  /** Permissions that whoever holds this one holds too, directly or through others. */
  readonly implies: readonly string[]
}
