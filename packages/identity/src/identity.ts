// Puts the identity domains together: the definition, and what it becomes when its app has started.
import type { Directory, Running } from '@gesta/core'
import { accountDomain } from './account/account-domain.ts'
import type { AccountDomain } from './account/account-domain.ts'
import { accountRoutes } from './account/account-routes.ts'
import { authDomain } from './auth/auth-domain.ts'
import type { AuthDomain } from './auth/auth-domain.ts'
import { authRoutes } from './auth/auth-routes.ts'
import { createBinding } from './bound.ts'
import type { Binding } from './bound.ts'
import { createDirectory } from './directory.ts'
import { groupDomain } from './group/group-domain.ts'
import type { GroupDomain } from './group/group-domain.ts'
import { groupRoutes } from './group/group-routes.ts'
import { invitationDomain } from './invitation/invitation-domain.ts'
import type { InvitationDomain } from './invitation/invitation-domain.ts'
import { invitationRoutes } from './invitation/invitation-routes.ts'
import { memberDomain } from './member/member-domain.ts'
import type { MemberDomain } from './member/member-domain.ts'
import { memberRoutes } from './member/member-routes.ts'
import { open } from './open.ts'
import type { OpenIdentity } from './open.ts'
import { settingsOf } from './options.ts'
import type { IdentityOptions } from './options.ts'
import { passkeyDomain } from './passkey/passkey-domain.ts'
import type { PasskeyDomain } from './passkey/passkey-domain.ts'
import { passkeyRoutes } from './passkey/passkey-routes.ts'
import type { IdentityRoute } from './routes.ts'
import { secondFactorDomain } from './second-factor/second-factor-domain.ts'
import type { SecondFactorDomain } from './second-factor/second-factor-domain.ts'
import { secondFactorRoutes } from './second-factor/second-factor-routes.ts'
import { serviceAccountDomain } from './service-account/service-account-domain.ts'
import type { ServiceAccountDomain } from './service-account/service-account-domain.ts'
import { serviceAccountRoutes } from './service-account/service-account-routes.ts'
import { setUpRoutes } from './set-up/set-up-handlers.ts'
import { tenantDomain } from './tenant/tenant-domain.ts'
import type { TenantDomain } from './tenant/tenant-domain.ts'
import { tenantRoutes } from './tenant/tenant-routes.ts'
import { workspaceDomain } from './workspace/workspace-domain.ts'
import type { WorkspaceDomain } from './workspace/workspace-domain.ts'
import { workspaceRoutes } from './workspace/workspace-routes.ts'

/** One by one, so that an app that has them keeps the types of its messages and of its client. */
export type IdentityDomains = readonly [
  AccountDomain,
  AuthDomain,
  SecondFactorDomain,
  PasskeyDomain,
  TenantDomain,
  MemberDomain,
  GroupDomain,
  WorkspaceDomain,
  InvitationDomain,
  ServiceAccountDomain,
]
/** The definition: domains for `createApp`, the directory for `start`. */
export interface Identity {
  readonly domains: IdentityDomains
  readonly directory: Directory
  /** Paths for people, for `serve({ routes })`: `/api/v1/auth/...`, `/api/accounts/...`, `/api/tenants/...`. */
  readonly routes: { readonly routes: readonly IdentityRoute[] }
  /**
   * Binds it to the app that has started, and sees to it that the tenant SYSTEM and the group of its administrators are there. Once; again
   * when it failed. Errors: `store_*`, `key_unreadable`; a plain one when the app was given no encryption.
   */
  open<CommandType extends string, QueryType extends string>(
    running: Running<CommandType, QueryType>,
  ): Promise<OpenIdentity>
}
/**
 * Accounts, sign-in, tenants, groups and invitations as domains of an app. One for each app that starts.
 * Errors: plain ones, for options that are unknown, missing or out of bounds. Reference: docs/reference/identity.md.
 */
export function createIdentity(options: IdentityOptions): Identity {
  const settings = settingsOf(options)
  const binding = createBinding()
  return {
    domains: domainsOf(binding),
    directory: createDirectory(settings.now),
    routes: { routes },
    open: (running) => open(running, binding, settings),
  }
}

function domainsOf(binding: Binding): IdentityDomains {
  return [
    accountDomain(binding),
    authDomain(binding),
    secondFactorDomain(binding),
    passkeyDomain(binding),
    tenantDomain(binding),
    memberDomain(binding),
    groupDomain(binding),
    workspaceDomain(binding),
    invitationDomain(binding),
    serviceAccountDomain(binding),
  ]
}

const routes: readonly IdentityRoute[] = [
  ...authRoutes,
  ...setUpRoutes,
  ...accountRoutes,
  ...secondFactorRoutes,
  ...passkeyRoutes,
  ...tenantRoutes,
  ...memberRoutes,
  ...groupRoutes,
  ...workspaceRoutes,
  ...invitationRoutes,
  ...serviceAccountRoutes,
]
