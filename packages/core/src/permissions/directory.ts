// Who belongs to what: the ports behind authorization. The identity package fills them; until an app has one, plain-directory.ts does.
import type { Readable } from '../read-models/read-model.ts'

/** What a directory may read. Every reader waits until its view has what the answer must not miss. */
export interface Look {
  /** A reader of a read model of the app, for one tenant. */
  read<Reader>(model: Readable<Reader>, tenant: string): Reader
  readonly signal: AbortSignal
}
/** Who asks. */
export interface Who {
  readonly tenant: string
  readonly identity: string
  readonly account: string
  readonly session: string
}
/** Whose session is asked about, and for which identity when one is needed. */
export type SessionOf = Pick<Who, 'account' | 'session'> & {
  readonly tenant: string | undefined
  readonly identity: string | undefined
}
export interface DirectoryIdentity {
  /** Ids of groups of its tenant. */
  readonly groups: readonly string[]
  /** Memberships in workspaces of its tenant, each with the groups that it has there. */
  readonly workspaces?: readonly { readonly workspace: string; readonly groups: readonly string[] }[] | undefined
}
export interface DirectoryGroup {
  /** Names of permissions; `Domain.*` and `*` stand for those of a domain and for all but store permissions. */
  readonly permissions: readonly string[]
  /** Ids of groups whose permissions it has too; a circle adds nothing. */
  readonly groups?: readonly string[] | undefined
}

/**
 * Answers must be as new as the views that are read through `look`, and hold nothing of their own. Errors and time-outs deny.
 * Not promised: how often it is asked; answers are kept until an epoch moves.
 */
export interface Directory {
  /** Absent: there is none, its account is blocked, or its session has ended. */
  identity(who: Who, look: Look): Promise<DirectoryIdentity | undefined>
  /** A group of a tenant. Absent: it holds nothing. */
  group(tenant: string, id: string, look: Look): Promise<DirectoryGroup | undefined>
  /** Whether a workspace belongs to a tenant. */
  hasWorkspace(tenant: string, id: string, look: Look): Promise<boolean>
  /**
   * Whether a session of an account is alive: neither ended nor blocked. It is asked for contracts of every level but `anonymous`; for those
   * that need no identity, without one; `'identity'` then says that it stands for an identity alone, such as that of an API key, whom signing
   * in would not help. Absent: callers of the level `authenticated` are believed.
   */
  readonly session?: ((who: SessionOf, look: Look) => Promise<boolean | 'identity'>) | undefined
}

/** The group of the tenant `systemTenant` whose members are system administrators. */
export const administratorsGroup = 'administrators'
