// `gesta read-model show`: all that a running app tells of one read model.
import type { ReadModelStatus } from '@gesta/core/host'
import { adminApi, pathOf, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { statusText } from '../read-model-text.ts'

export const readModelShow: Command = defineCommand({
  name: 'read-model show',
  operands: ['NAME'],
  about: 'All that a running app tells of one read model',
  options: adminOptions,
  run: async ({ operands: [name = ''], values }) => {
    const value = (await adminApi(values).get(pathOf(name))) as ReadModelStatus
    return { text: statusText(value), value }
  },
})
