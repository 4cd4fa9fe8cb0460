// Moves an epoch for a change that is no event of the app: a commit of its own, of which the store must have said that it has it.
import type { Epoch } from '../contracts/permissions-changed.ts'
import type { Token } from '../contracts/recorded-event.ts'
import { epochAppend, streamOfEpoch } from '../dispatch/advances.ts'
import { commitOwn } from '../dispatch/own-commit.ts'
import type { OwnCommitParts } from '../dispatch/own-commit.ts'

/** The command type in the headers of such commits. */
const changeCommand = 'Gesta.ChangePermissions'

/** Errors: `store_*`; `outcome_unknown`: change it again, which is harmless. */
export function changeEpoch(parts: OwnCommitParts, epoch: Epoch, tenant: string): Promise<{ readonly token: Token }> {
  const stream = streamOfEpoch(epoch, tenant)
  return commitOwn(parts, { commandType: changeCommand, tenant: stream.tenant, streams: [epochAppend(stream)] })
}
