// `gesta jobs list`: what waits, runs, has ended and was given up.
import { adminApi, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { jobFilter, jobFilterOptions, jobPath, jobTable } from '../job-options.ts'
import type { ToldJob } from '../job-options.ts'
import { wholeNumber } from '../option-values.ts'

export const jobsList: Command = defineCommand({
  name: 'jobs list',
  operands: [],
  about: 'The stored jobs of a running app, the newest first',
  options: {
    ...adminOptions,
    ...jobFilterOptions,
    limit: { value: 'N', about: 'jobs at most, up to 1,000 (default: 100)' },
    cursor: { value: 'CURSOR', about: 'the next page, as the page before says' },
  },
  run: async ({ values }) => {
    const limit = wholeNumber('limit', values.limit, 1)
    const body = { ...jobFilter(values), ...(limit !== undefined && { limit }) }
    const { cursor } = values
    const asked = cursor === undefined ? body : { ...body, cursor }
    const value = (await adminApi(values).post(jobPath('queued-job-list'), asked)) as {
      readonly items: readonly ToldJob[]
      readonly cursor?: string
    }
    const more = value.cursor === undefined ? '' : `\n\nThere are more: --cursor=${value.cursor}`
    return { text: jobTable(value.items) + more, value }
  },
})
