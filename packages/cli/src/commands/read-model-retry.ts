// `gesta read-model retry`: tries the parked events of one key again.
import { adminApi, parkedPath, adminOptions } from '../admin-api.ts'
import type { ConcernedEvents } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { needed } from '../option-values.ts'
import { counted } from '../numbers.ts'

export const readModelRetry: Command = defineCommand({
  name: 'read-model retry',
  operands: ['NAME'],
  about: 'Tries the parked events of one key again, in their order',
  options: {
    ...adminOptions,
    tenant: { value: 'TENANT', about: 'whose they are (default: no tenant)' },
    key: { value: 'KEY', about: 'what "read-model parked" shows as their key' },
  },
  run: async ({ operands: [name = ''], values }) => {
    const { tenant = '', key } = values
    const body = { action: 'retry', tenant, key: needed('key', key) }
    const value = (await adminApi(values).post(parkedPath(name), body)) as ConcernedEvents
    return { text: `${counted(value.events, 'event')} of "${body.key}" will be tried again.`, value }
  },
})
