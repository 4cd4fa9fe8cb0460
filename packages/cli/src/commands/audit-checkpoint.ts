// `gesta audit checkpoint`: signs the last links of all chains, to be kept where nobody who may write the store can reach.
import { systemContext } from '@gesta/core'
import type { AuditCheckpoint } from '@gesta/core'
import { adminApi, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { textIn, writeNew } from '../given-files.ts'
import { configOption, loadConfig } from '../load-config.ts'
import { startedForChecks } from '../started-app.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

export const auditCheckpoint: Command = defineCommand({
  name: 'audit checkpoint',
  operands: [],
  about: 'Signs the last links of all chains of the audit log',
  details: `A running app signs with the key that it was started with. With --key the app of the configuration is started for it; it must not
run on the same SQLite file meanwhile. Whoever takes a checkpoint is in the audit log. Keep it elsewhere: what is cut off after it, or
written anew, "gesta audit verify" finds by it.`,
  options: {
    ...adminOptions,
    ...configOption,
    key: {
      value: 'FILE',
      about: 'the Ed25519 private key (PEM, PKCS #8) that signs, instead of the one of a running app',
    },
    to: { value: 'FILE', about: 'a new file for it (default: it is printed)' },
  },
  run: async ({ values }, terminal) => {
    const { key, to, config, url, token } = values
    if (key === undefined && config !== undefined) throw new UsageError('Expected --config together with --key.')
    if (key !== undefined && (url !== undefined || token !== undefined))
      throw new UsageError('Expected --key without --url and --token: a private key is sent nowhere.')
    const value =
      key === undefined
        ? ((await adminApi(values).post('/admin/audit/checkpoint', {})) as AuditCheckpoint)
        : await signedHere(key, config, terminal)
    const text = JSON.stringify(value)
    if (to === undefined) return { text, value }
    await writeNew('to', to, terminal.folder, [`${text}\n`])
    return { text: `The checkpoint is in ${to}.`, value }
  },
})

async function signedHere(key: string, given: string | undefined, terminal: Terminal): Promise<AuditCheckpoint> {
  const signingKey = await textIn('key', key, terminal.folder)
  const config = await loadConfig(given, terminal.folder)
  const whileRunning = 'While the app runs, let it sign: leave --key out.'
  await using running = await startedForChecks(config, { audit: { signingKey } }, whileRunning)
  return await running.audit.checkpoint(systemContext())
}
