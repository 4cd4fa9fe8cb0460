// `gesta command show`: all that is recorded of one command.
import { adminApi, runtimePath, tenantOption, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { commandText } from '../command-text.ts'
import type { ShownCommand } from '../shown-command.ts'

export const commandShow: Command = defineCommand({
  name: 'command show',
  operands: ['ID'],
  about: 'All that is recorded of one command, with its payload',
  options: { ...adminOptions, ...tenantOption },
  run: async ({ operands: [id = ''], values }) => {
    const value = (await adminApi(values).get(runtimePath(values.tenant, 'commands', id))) as ShownCommand
    return { text: commandText(value), value }
  },
})
