// `gesta read-model restore`: lets a running app build a view, and watches it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadModelStatus } from '@gesta/core/host'
import { adminApi, deadlineMsMax, pathOf, adminOptions } from '../admin-api.ts'
import type { AdminApi } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { progressText } from '../read-model-text.ts'
import type { Terminal } from '../terminal.ts'

const lookMs = 250

export const readModelRestore: Command = defineCommand({
  name: 'read-model restore',
  operands: ['NAME'],
  about: 'Lets a view go on from its checkpoint, or builds it anew beside the live one',
  details: 'Interrupting the command with --wait ends the watching only: the app goes on building.',
  options: {
    ...adminOptions,
    'from-zero': {
      about: 'build a new generation from the start of the log; queries read the live one until it is there',
    },
    wait: { about: 'until queries read what was built, showing how far it is' },
  },
  run: async ({ operands: [name = ''], values }, terminal) => {
    const api = adminApi(values)
    const body = { action: 'restore', restoreFromZero: values['from-zero'] === true }
    if (values.wait === undefined) {
      const status = (await api.post(pathOf(name), body)) as ReadModelStatus
      const how = status.restore === undefined ? `It is ${status.state}.` : progressText(status.restore)
      return { text: `${name} is being restored. ${how}`, value: status }
    }
    const built = api.post(pathOf(name), { ...body, wait: true, deadlineMs: deadlineMsMax })
    const value = (await watched(built, api, name, terminal)) as ReadModelStatus
    return { text: `Queries read generation ${value.generation ?? 'none'} of ${name}. It is ${value.state}.`, value }
  },
})

/** Shows how far the build is until it has ended. */
async function watched(built: Promise<unknown>, api: AdminApi, name: string, terminal: Terminal): Promise<unknown> {
  if (!terminal.isWatched) return built
  let ended = false
  const end = (): void => void (ended = true)
  void built.then(end, end)
  while (!ended) {
    // A look that fails says nothing about the build, whose own answer tells.
    const status = (await api.get(pathOf(name)).catch(() => undefined)) as ReadModelStatus | undefined
    if (status?.restore !== undefined) terminal.progress(`${name} ${progressText(status.restore)}`)
    await Promise.race([sleep(lookMs, undefined, { ref: false }), built.catch(() => undefined)])
  }
  terminal.progress('')
  return built
}
