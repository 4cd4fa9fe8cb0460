// Everything that the identity domains can be told and asked, for code in the process; clients go by the app's type.
import * as account from './account/account-contracts.ts'
import * as auth from './auth/auth-contracts.ts'
import * as group from './group/group-contracts.ts'
import * as invitation from './invitation/invitation-contracts.ts'
import * as identity from './member/member-contracts.ts'
import * as passkey from './passkey/passkey-contracts.ts'
import * as secondFactor from './second-factor/second-factor-contracts.ts'
import * as serviceAccount from './service-account/service-account-contracts.ts'
import * as setUp from './set-up/set-up-contracts.ts'
import * as tenant from './tenant/tenant-contracts.ts'
import * as workspace from './workspace/workspace-contracts.ts'

/** By domain, such as `contracts.tenant.create({ name })`. Reference: docs/reference/identity.md. */
export const contracts: {
  readonly account: typeof account
  readonly auth: typeof auth & typeof setUp
  readonly secondFactor: typeof secondFactor
  readonly passkey: typeof passkey
  readonly tenant: typeof tenant
  readonly identity: typeof identity
  readonly group: typeof group
  readonly workspace: typeof workspace
  readonly invitation: typeof invitation
  readonly serviceAccount: typeof serviceAccount
} = {
  account,
  auth: { ...auth, ...setUp },
  secondFactor,
  passkey,
  tenant,
  identity,
  group,
  workspace,
  invitation,
  serviceAccount,
}
