// `gesta command list`: what an app was told to do, and what came of it.
import { adminApi, runtimePath, tenantOption, adminOptions } from '../admin-api.ts'
import type { Listed } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { commandTable } from '../command-text.ts'
import { listed, wholeNumber } from '../option-values.ts'
import type { ShownCommand } from '../shown-command.ts'

/** The options that narrow the list, by the parameters of the app's route. */
const filters = ['type', 'correlation', 'sender', 'from', 'to', 'cursor'] as const

export const commandList: Command = defineCommand({
  name: 'command list',
  operands: [],
  about: 'The recorded commands of an app, the newest first',
  options: {
    ...adminOptions,
    ...tenantOption,
    status: {
      value: 'STATUS',
      about: 'accepted, rejected, denied, failed, timed_out, duplicate, abandoned; several with commas',
    },
    type: { value: 'TYPE', about: 'such as Order.Place' },
    correlation: { value: 'ID', about: 'of one request' },
    sender: { value: 'ID', about: 'sent by this identity or account' },
    from: { value: 'TIME', about: 'that arrived at or after it, such as 2026-01-05T10:00:00Z' },
    to: { value: 'TIME', about: 'that arrived before it' },
    oldest: { about: 'the oldest first' },
    limit: { value: 'N', about: 'commands at most (default: 100)' },
    cursor: { value: 'CURSOR', about: 'the next page, as the page before says' },
  },
  run: async ({ values }) => {
    const query = new URLSearchParams()
    for (const name of filters) if (values[name] !== undefined) query.set(name, values[name])
    for (const status of listed(values.status) ?? []) query.append('status', status)
    if (values.oldest === true) query.set('order', 'oldest')
    const limit = wholeNumber('limit', values.limit, 1)
    if (limit !== undefined) query.set('limit', String(limit))
    const path = `${runtimePath(values.tenant, 'commands')}?${query.toString()}`
    const value = (await adminApi(values).get(path)) as Listed<ShownCommand> & { readonly cursor?: string }
    const more = value.cursor === undefined ? '' : `\n\nThere are more: --cursor=${value.cursor}`
    return { text: commandTable(value.items) + more, value }
  },
})
