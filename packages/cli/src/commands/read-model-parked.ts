// `gesta read-model parked`: the events that a read model could not take, and what came after them.
import type { ParkedEvent } from '@gesta/core/ports'
import { adminApi, parkedPath, adminOptions } from '../admin-api.ts'
import type { Listed } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { parkedTable } from '../read-model-text.ts'

export const readModelParked: Command = defineCommand({
  name: 'read-model parked',
  operands: ['NAME'],
  about: 'Parked events of a read model, in the order of the log',
  options: {
    ...adminOptions,
    discarded: { about: 'those that were passed over for good, instead of those that wait' },
  },
  run: async ({ operands: [name = ''], values }) => {
    const query = values.discarded === true ? '?discarded=true' : ''
    const { items } = (await adminApi(values).get(parkedPath(name) + query)) as Listed<ParkedEvent>
    return { text: parkedTable(items), value: items }
  },
})
