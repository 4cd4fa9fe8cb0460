// `gesta trace`: all that one id has to do with, as a tree.
import { adminApi, runtimePath, tenantOption, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { wholeNumber } from '../option-values.ts'
import type { ShownTrace } from '../shown-command.ts'
import { traceText } from '../trace-text.ts'

export const trace: Command = defineCommand({
  name: 'trace',
  operands: ['ID'],
  about: 'What a request led to: commands, their events, who has seen them, messages, and what followed',
  details: 'ID is that of a correlation, a command, an event, a message or a job.',
  options: {
    ...adminOptions,
    ...tenantOption,
    limit: { value: 'N', about: 'commands at most, the oldest ones (default: 1000)' },
  },
  run: async ({ operands: [id = ''], values }) => {
    const limit = wholeNumber('limit', values.limit, 1)
    const query = limit === undefined ? '' : `?limit=${limit}`
    const value = (await adminApi(values).get(runtimePath(values.tenant, 'trace', id) + query)) as ShownTrace
    return { text: traceText(value), value }
  },
})
