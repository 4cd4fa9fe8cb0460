// `gesta config set`, `rollback`, `history` and `processes`: the configuration of a running app, as its administrators change it.
import type { ConfigHistory, ConfigProblem, ConfigProcess, ConfigProcesses } from '@gesta/core'
import { configProblemText } from '@gesta/core/host'
import { adminApi, adminOptions } from '../admin-api.ts'
import type { AdminApi } from '../admin-api.ts'
import { AdminError } from '../admin-request.ts'
import { defineCommand } from '../command.ts'
import type { Answer, Command } from '../command.ts'
import { done, failed } from '../exit-codes.ts'
import { listed, wholeNumber } from '../option-values.ts'
import { namedValues } from '../named-values.ts'
import { tableOf } from '../table.ts'
import { UsageError } from '../usage-error.ts'

const path = '/admin/config'
const changeOptions = {
  ...adminOptions,
  reason: { value: 'TEXT', about: 'why, for the history' },
  'wait-ms': { value: 'MS', about: 'how long to wait for all processes, at most 30000 (default: 10000)' },
} as const
const exits = 'Ends with exit code 1 when not every process has what was set.'

const set = defineCommand({
  name: 'config set',
  operands: ['[KEY=VALUE...]'],
  about: 'Sets keys of a running app, in all its processes, and tells what each made of it',
  details: `A value is JSON, or else the text that it is; a text that looks like JSON goes in quotes: name='"5"'. A secret is set as a reference alone. ${exits}`,
  options: {
    ...changeOptions,
    remove: { value: 'KEYS', about: 'keys, with commas between them, that come from the other sources again' },
    'if-version': { value: 'VERSION', about: 'sets only while this is the newest version; 0: nothing was ever set' },
  },
  run: async ({ operands, values }) => {
    const remove = listed(values.remove)
    if (operands.length === 0 && remove === undefined)
      throw new UsageError('Expected KEY=VALUE, or --remove with keys. Received neither.')
    const named = namedValues(operands)
    const both = remove?.find((key) => Object.hasOwn(named, key))
    if (both !== undefined) throw new UsageError(`Expected "${both}" to be set or removed, received both.`)
    const body = {
      values: named,
      remove,
      ifVersion: wholeNumber('if-version', values['if-version'], 0),
      reason: values.reason,
      waitMs: wholeNumber('wait-ms', values['wait-ms'], 0),
    }
    return change(adminApi(values), path, body)
  },
})

const rollback = defineCommand({
  name: 'config rollback',
  operands: ['VERSION'],
  about: 'Puts the values of an earlier version back, as a new one; 0: none are set',
  details: exits,
  options: changeOptions,
  run: async ({ operands: [text], values }) => {
    const version = /^\d+$/.test(text ?? '') ? Number(text) : Number.NaN
    if (!Number.isSafeInteger(version)) throw new UsageError('Expected VERSION to be a whole number from 0.')
    const body = { version, reason: values.reason, waitMs: wholeNumber('wait-ms', values['wait-ms'], 0) }
    return change(adminApi(values), `${path}/rollback`, body)
  },
})

const history = defineCommand({
  name: 'config history',
  operands: [],
  about: 'Who has set which keys of a running app, newest first',
  options: { ...adminOptions, limit: { value: 'COUNT', about: 'versions, at most 1000 (default: 100)' } },
  run: async ({ values }) => {
    const limit = wholeNumber('limit', values.limit, 1)
    const asked = limit === undefined ? '' : `?limit=${limit}`
    const value = (await adminApi(values).get(`${path}/history${asked}`)) as ConfigHistory
    if (value.items.length === 0) return { text: 'Nothing was ever set.', value }
    const rows = value.items.map(({ version, at, identity = '', changed, reason = '' }) => [
      String(version),
      at,
      identity,
      changed.join(', '),
      reason,
    ])
    return { text: tableOf([['version', 'at', 'by', 'keys', 'reason'], ...rows]), value }
  },
})

const processes = defineCommand({
  name: 'config processes',
  operands: [],
  about: 'Which process of a running app has what was set last',
  details: exits,
  options: adminOptions,
  run: async ({ values }) => told((await adminApi(values).get(`${path}/processes`)) as ConfigProcesses),
})

export const configChanges: readonly Command[] = [set, rollback, history, processes]

/** `unlisted`: why the processes could not be asked; what was set is set. */
type Changed = ConfigProcesses | { readonly version: number; readonly unlisted: string }

/** Sets, and tells of each process, or of each problem of the values. Errors: `AdminError` for any other refusal. */
async function change(api: AdminApi, to: string, body: object): Promise<Answer> {
  try {
    return told((await api.post(to, body)) as Changed)
  } catch (error) {
    const { problems } = ((error instanceof AdminError && error.details) || {}) as Partial<Problems>
    if (problems === undefined) throw error
    const lines = problems.map((problem) => `\n  - ${configProblemText(problem)}`).join('')
    return { text: `Nothing was set: the values do not fit.${lines}`, value: { problems }, exit: failed }
  }
}
interface Problems {
  readonly problems: readonly ConfigProblem[]
}

function told(value: Changed): Answer {
  if ('unlisted' in value) {
    const text = `Version ${value.version} is set. What processes made of it could not be asked: ${value.unlisted}.`
    return { text, value, exit: failed }
  }
  const rows = value.processes.map((each) => [each.process, each.state, String(each.version), each.since, noteOn(each)])
  const table = tableOf([['process', 'state', 'version', 'since', ''], ...rows])
  const text =
    rows.length === 0 ? `Version ${value.version}. No process follows.` : `Version ${value.version}.\n${table}`
  return { text, value, exit: value.isConverged ? done : failed }
}

function noteOn({ failure, pendingKeys }: ConfigProcess): string {
  if (failure !== undefined) return failure.reason
  return pendingKeys.length === 0 ? '' : `after a restart: ${pendingKeys.join(', ')}`
}
