// `gesta command purge`: lets an app forget old records.
import { adminApi, runtimePath, tenantOption, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { confirmed } from '../confirmed.ts'
import { counted } from '../numbers.ts'
import { listed, needed } from '../option-values.ts'

/** Records of one request; the command asks until there are no more. */
const limit = 1_000

export const commandPurge: Command = defineCommand({
  name: 'command purge',
  operands: [],
  about: 'Forgets the records of old commands, for good',
  details: 'Their ids stay taken, and their events stay as they are.',
  options: {
    ...adminOptions,
    ...tenantOption,
    before: { value: 'TIME', about: 'of commands that arrived before it, such as 2026-01-05T10:00:00Z' },
    status: { value: 'STATUS', about: 'only these; several with commas (default: all that have ended)' },
    yes: { about: 'do it without asking' },
  },
  run: async ({ values }, terminal) => {
    const { tenant, before, status, yes } = values
    const asked = needed('before', before)
    if (yes === undefined) await confirmed(terminal, `Forget the records of commands before ${asked}, for good?`)
    const body = { action: 'purge', before: nowAtMost(asked), statuses: listed(status), limit }
    const api = adminApi(values)
    let purged = 0
    for (let more = true; more;) {
      const told = (await api.post(runtimePath(tenant, 'commands'), body)) as { readonly purged: number }
      purged += told.purged
      more = told.purged > 0
      terminal.progress(`${counted(purged, 'record')} forgotten`)
    }
    terminal.progress('')
    return { text: `${counted(purged, 'record')} forgotten.`, value: { purged } }
  },
})

/** Each request leaves a record of its own, which the next one would forget, for ever. What is no time the app refuses. */
function nowAtMost(time: string): string {
  const now = Date.now()
  return Date.parse(time) > now ? new Date(now).toISOString() : time
}
