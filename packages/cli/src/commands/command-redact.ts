// `gesta command redact`: takes out of a record what must not stay there.
import { adminApi, runtimePath, tenantOption, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { confirmed } from '../confirmed.ts'

export const commandRedact: Command = defineCommand({
  name: 'command redact',
  operands: ['ID'],
  about: 'Takes payload, metadata and the words of errors out of a record, for good',
  details:
    'That there was the command, and what came of it, stays. Events are no part of the record and stay as they are.',
  options: { ...adminOptions, ...tenantOption, yes: { about: 'do it without asking' } },
  run: async ({ operands: [id = ''], values }, terminal) => {
    const { tenant, yes } = values
    if (yes === undefined) await confirmed(terminal, `Redact the record of ${id}, for good?`)
    const value = await adminApi(values).post(runtimePath(tenant, 'commands', id), { action: 'redact' })
    return { text: `The record of ${id} was redacted.`, value }
  },
})
