// What one caller may do, as the directory answered: everything that the order of authorization asks, and nothing to wait for.
import type { Held } from './held.ts'

/** A group of an identity, with what it holds itself and through other groups. */
export interface GroupHolding {
  readonly group: string
  readonly held: Held
}
export interface Holdings {
  /** What the groups hold together. */
  readonly held: Held
  readonly groups: readonly GroupHolding[]
}
/** In the workspace that is asked for. */
export interface WorkspaceHoldings extends Holdings {
  /** Whether it is one of the identity's tenant. */
  readonly belongs: boolean
  readonly isMember: boolean
}
export interface PermissionSet extends Holdings {
  /** False: the account is blocked, or the session has ended. */
  readonly isAlive: boolean
  /** The session stands for an identity alone, and none was asked for. */
  readonly needsIdentity: boolean
  /** Whether the directory knows the identity. */
  readonly isKnown: boolean
  /** Whether it is a system administrator. */
  readonly isAdministrator: boolean
  /** Absent: no workspace is asked for. */
  readonly workspace: WorkspaceHoldings | undefined
}
