// `gesta verify read-model`: compares a view with what the log gives, here or in a running app.
import type { ReadModelStatus, Verification } from '@gesta/core/host'
import { adminApi, adminOptions, deadlineMsMax, listPath, urlDefault, verifyPath } from '../admin-api.ts'
import type { AdminValues, Listed } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Answer, Command } from '../command.ts'
import type { Config } from '../config.ts'
import { verificationText } from '../differences.ts'
import { done, foundDifferences } from '../exit-codes.ts'
import { configOption, loadConfig } from '../load-config.ts'
import { startedForChecks } from '../started-app.ts'
import { UsageError } from '../usage-error.ts'

export const verifyReadModel: Command = defineCommand({
  name: 'verify read-model',
  operands: ['[NAME]'],
  about: 'Compares a view with what the log gives; exit code 3 when they differ',
  details:
    'Starts the app of the configuration, which must not run on the same SQLite file meanwhile. With --url a running app does it itself.',
  options: {
    ...configOption,
    ...adminOptions,
    url: { value: 'URL', about: `the admin address of a running app, such as ${urlDefault}` },
    all: { about: 'every read model of the app' },
  },
  run: async ({ operands: [name], values }, terminal) => {
    if ((name === undefined) === (values.all === undefined))
      throw new UsageError('Expected either NAME or --all after "gesta verify read-model".')
    if (values.url !== undefined) return answerOf(await verifiedThere(values, name))
    const config = await loadConfig(values.config, terminal.folder)
    return answerOf(await verifiedHere(config, name))
  },
})

async function verifiedThere(values: AdminValues, name: string | undefined): Promise<readonly Verification[]> {
  const api = adminApi(values)
  const found: Verification[] = []
  const names = name === undefined ? namesOf(((await api.get(listPath)) as Listed<ReadModelStatus>).items) : [name]
  for (const each of names)
    found.push((await api.post(verifyPath(each), { deadlineMs: deadlineMsMax })) as Verification)
  return found
}

async function verifiedHere(config: Config, name: string | undefined): Promise<readonly Verification[]> {
  await using running = await startedForChecks(config, {}, `While the app runs, let it compare: --url ${urlDefault}`)
  const { readModels } = running
  const found: Verification[] = []
  for (const each of name === undefined ? namesOf(readModels.list()) : [name]) found.push(await readModels.verify(each))
  return found
}

const namesOf = (statuses: readonly ReadModelStatus[]): readonly string[] => statuses.map(({ name }) => name)

function answerOf(found: readonly Verification[]): Answer {
  const differ = found.some(({ differences }) => differences > 0)
  const text = found.length === 0 ? 'The app has no read models.' : found.map(verificationText).join('\n')
  return { text, value: found, exit: differ ? foundDifferences : done }
}
