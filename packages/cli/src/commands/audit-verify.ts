// `gesta audit verify`: recomputes the chains of the audit log in a store, without the app.
import { verifyAuditLog } from '@gesta/core'
import type { AuditCheckpoint } from '@gesta/core'
import { auditVerificationText } from '../audit-text.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { done, foundDifferences } from '../exit-codes.ts'
import { textIn } from '../given-files.ts'
import { openStore, storeOptions } from '../open-store.ts'
import { listed } from '../option-values.ts'
import { UsageError } from '../usage-error.ts'

export const auditVerify: Command = defineCommand({
  name: 'audit verify',
  operands: [],
  about: 'Recomputes the chains of the audit log; exit code 3 when one is broken',
  details: `Reads the store and changes nothing in it; one on SQLite must not be in use. Entries that were changed, taken out or moved are found
by their chain; entries that were cut off at its end, or a chain that was written anew as a whole, only against checkpoints that were
taken before and kept elsewhere.`,
  options: {
    ...storeOptions,
    tenant: { value: 'TENANT', about: 'only the chain of this one (default: all)' },
    checkpoint: { value: 'FILE', about: 'what "audit checkpoint" gave; several with commas' },
    'public-key': { value: 'FILE', about: 'the Ed25519 public key (PEM) of whoever signed the checkpoints' },
  },
  run: async ({ values }, terminal) => {
    const files = listed(values.checkpoint) ?? []
    const keyFile = values['public-key']
    if (files.length > 0 !== (keyFile !== undefined))
      throw new UsageError('Expected --checkpoint and --public-key together: a checkpoint is worth its signature.')
    const { folder } = terminal
    const publicKey = keyFile === undefined ? undefined : await textIn('public-key', keyFile, folder)
    const checkpoints: AuditCheckpoint[] = []
    for (const file of files) checkpoints.push(checkpointIn(await textIn('checkpoint', file, folder), file))
    await using opened = await openStore(values, terminal, 'read')
    const value = await verifyAuditLog(opened.store.audit, { tenant: values.tenant, checkpoints, publicKey })
    const exit = value.breaks.length === 0 ? done : foundDifferences
    return { text: auditVerificationText(value), value, exit }
  },
})

/** Whether its signature is good the verification says. Errors: `UsageError` for what has not the form of one. */
function checkpointIn(text: string, file: string): AuditCheckpoint {
  const found = parsed(text)
  if (typeof found === 'object' && found !== null && 'version' in found && 'heads' in found && 'signature' in found)
    return found as AuditCheckpoint
  throw new UsageError(`Expected ${file} to hold a checkpoint, as "gesta audit checkpoint" prints it.`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
