// `gesta read-model start`, `stop` and the others that tell a read model one word.
import type { ReadModelStatus } from '@gesta/core/host'
import { adminApi, pathOf, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'

const actions = {
  start: 'Lets a read model follow the log again, after it was stopped or failed',
  stop: 'Stops a read model; queries read its view as it is',
  restart: 'Stops a read model and starts it again',
  pause: 'Holds a read model still; it keeps its owner',
  resume: 'Lets a paused read model go on',
  cancel: 'Gives up the view that is being built; queries go on reading the live one',
} as const

export const readModelActions: readonly Command[] = Object.entries(actions).map(([action, about]) =>
  defineCommand({
    name: `read-model ${action}`,
    operands: ['NAME'],
    about,
    details: 'It reaches the owner in whichever process that is, and survives a restart of the app.',
    options: adminOptions,
    run: async ({ operands: [name = ''], values }) => {
      const value = (await adminApi(values).post(pathOf(name), { action })) as ReadModelStatus
      return { text: `Told ${name} to ${action}. It is ${value.state}.`, value }
    },
  }),
)
