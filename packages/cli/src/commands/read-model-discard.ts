// `gesta read-model discard`: passes one parked event over, for good.
import { adminApi, parkedPath, adminOptions } from '../admin-api.ts'
import type { ConcernedEvents } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { needed, wholeNumber } from '../option-values.ts'

export const readModelDiscard: Command = defineCommand({
  name: 'read-model discard',
  operands: ['NAME'],
  about: 'Passes one parked event over, for good, and keeps the reason',
  options: {
    ...adminOptions,
    position: { value: 'N', about: 'what "read-model parked" shows as its position' },
    reason: { value: 'TEXT', about: 'why' },
  },
  run: async ({ operands: [name = ''], values }) => {
    const position = needed('position', wholeNumber('position', values.position, 1))
    const body = { action: 'discard', position, reason: needed('reason', values.reason) }
    const value = (await adminApi(values).post(parkedPath(name), body)) as ConcernedEvents
    if (value.events === 0)
      throw new Error(
        `No event waits at position ${position} of ${name}. "gesta read-model parked ${name}" shows those that do.`,
      )
    return { text: `The event at position ${position} of ${name} will be passed over.`, value }
  },
})
