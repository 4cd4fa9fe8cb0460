// `gesta audit list`: who did what, and what came of it.
import { adminApi, adminOptions } from '../admin-api.ts'
import { auditFilterOptions, auditPath } from '../audit-filter.ts'
import type { ShownAuditEntry } from '../audit-filter.ts'
import { auditTable } from '../audit-text.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { wholeNumber } from '../option-values.ts'

interface Page {
  readonly items: readonly ShownAuditEntry[]
  readonly cursor?: string
}

export const auditList: Command = defineCommand({
  name: 'audit list',
  operands: [],
  about: 'The audit log of an app, the newest first',
  details: 'Whoever reads it is in it.',
  options: {
    ...adminOptions,
    ...auditFilterOptions,
    oldest: { about: 'the oldest first' },
    limit: { value: 'N', about: 'entries at most (default: 1000)' },
    cursor: { value: 'CURSOR', about: 'the next page, as the page before says' },
  },
  run: async ({ values }) => {
    const limit = wholeNumber('limit', values.limit, 1)
    const path = auditPath(values, '', {
      order: values.oldest === true ? 'oldest' : undefined,
      limit: limit === undefined ? undefined : String(limit),
      cursor: values.cursor,
    })
    const value = (await adminApi(values).get(path)) as Page
    const more = value.cursor === undefined ? '' : `\n\nThere are more: --cursor=${value.cursor}`
    return { text: auditTable(value.items) + more, value }
  },
})
