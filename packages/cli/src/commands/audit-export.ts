// `gesta audit export`: the audit log, or a part of it, for people and programs elsewhere.
import { adminApi, adminOptions } from '../admin-api.ts'
import { auditFilterOptions, auditPath } from '../audit-filter.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { writeNew } from '../given-files.ts'
import { counted } from '../numbers.ts'
import { needed } from '../option-values.ts'
import { UsageError } from '../usage-error.ts'

const formats = ['csv', 'jsonl']

export const auditExport: Command = defineCommand({
  name: 'audit export',
  operands: [],
  about: 'The whole audit log of an app, or a part of it, as CSV or JSON Lines',
  details: 'Whoever exports it is in it. What was cut off leaves no file; on standard output it ends with exit code 1.',
  options: {
    ...adminOptions,
    ...auditFilterOptions,
    format: { value: 'FORMAT', about: 'csv or jsonl' },
    to: { value: 'FILE', about: 'a new file for it (default: standard output)' },
  },
  run: async ({ values }, terminal) => {
    const format = needed('format', values.format)
    if (!formats.includes(format)) throw new UsageError(`Expected --format csv or jsonl, received "${format}".`)
    const pieces = adminApi(values).pieces(auditPath(values, '/export', { format }))
    if (values.to !== undefined) {
      const bytes = await writeNew('to', values.to, terminal.folder, pieces)
      return { text: `${counted(bytes, 'byte')} are in ${values.to}.`, value: { bytes } }
    }
    if ('json' in values) throw new UsageError('Expected --to together with --json: the export itself is no JSON.')
    for await (const piece of pieces) await terminal.write(piece)
    return { text: undefined, value: undefined }
  },
})
