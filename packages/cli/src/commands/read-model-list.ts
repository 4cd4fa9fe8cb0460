// `gesta read-model list`: the read models of a running app.
import type { ReadModelStatus } from '@gesta/core/host'
import { adminApi, listPath, adminOptions } from '../admin-api.ts'
import type { Listed } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { statusTable } from '../read-model-text.ts'

export const readModelList: Command = defineCommand({
  name: 'read-model list',
  operands: [],
  about: 'The read models of a running app, and how they are',
  options: adminOptions,
  run: async ({ values }) => {
    const { items } = (await adminApi(values).get(listPath)) as Listed<ReadModelStatus>
    return { text: statusTable(items), value: items }
  },
})
