// The handlers of the domain `Config`, for one opened configuration.
import type { Handler } from '../contracts/contract.ts'
import { handle } from '../dispatch/handler.ts'
import type { CommandContext, HandlerContext } from '../dispatch/handler.ts'
import type { Model, Models } from '../read-models/projection.ts'
import { pause } from '../time/unless-aborted.ts'
import type { Config } from './config.ts'
import {
  ConfigFollowed,
  ConfigProcessLeft,
  ConfigReloadFailed,
  ConfigSet,
  ListConfigProcesses,
  ReadConfigHistory,
  ReportConfig,
  RollbackConfig,
  SetConfig,
  ShowConfig,
  StoredConfig,
} from './config-contracts.ts'
import type { ConfigProcesses, ConfigReport, ConfigSetData, NamedValues, ProcessesInput } from './config-contracts.ts'
import { ConfigProcessStream, configProcesses, ConfigValuesStream, valuesId } from './config-streams.ts'
import type { ProcessState } from './config-streams.ts'
import { convergence, isSilent } from './convergence.ts'
import type { Manager, StoredValues } from './managers.ts'
import { changedPaths, changedValues, problemsOfNames, problemsOfValues, shownData } from './set-values.ts'

export type ConfigContract =
  | typeof SetConfig
  | typeof RollbackConfig
  | typeof ShowConfig
  | typeof ReadConfigHistory
  | typeof ListConfigProcesses
  | typeof ReportConfig
  | typeof StoredConfig

/** Requests run as `web` or `api`, so no transport serves what is for processes alone. */
const appOnly = { roles: ['worker'] } as const
const lookEveryMs = 50
const pageSize = 1_000

export function configHandlers(config: Config<unknown>, manager: Manager): readonly Handler<ConfigContract>[] {
  const { keys } = config.definition
  const { clock } = manager
  return [
    handle(SetConfig, async (input, context) => {
      const { values = {}, remove = [] } = input
      const paths = [...Object.keys(values), ...remove]
      const named = [...Object.entries(values), ...remove.map((path) => [path, undefined] as const)]
      const stream = await context.load(ConfigValuesStream, valuesId)
      if (input.ifVersion !== undefined && input.ifVersion !== stream.version)
        return SetConfig.reject('changed', { version: stream.version })
      const misnamed = problemsOfNames(keys, named, stream.state.values)
      const isNamed = (path: string): boolean => !misnamed.some(({ key }) => key === path)
      const next = changedValues(stream.state.values, {
        values: Object.fromEntries(Object.entries(values).filter(([path]) => isNamed(path))),
        remove: remove.filter(isNamed),
      })
      const problems = [...misnamed, ...(await problemsOfValues(manager, next.values, paths))]
      if (problems.length > 0) return SetConfig.reject('invalid', { problems })
      if (next.changed.length === 0) return { version: stream.version }
      stream.emit(ConfigSet(setData(next, input.reason)))
      return { version: stream.version + 1 }
    }),
    handle(RollbackConfig, async ({ version, reason }, context) => {
      const stream = await context.load(ConfigValuesStream, valuesId)
      const found = await valuesAt(context, version, stream.version)
      if (found === undefined) return RollbackConfig.reject('unknown_version')
      // What is of no key here may be one of another version of the program, which runs beside this one.
      const known = keys
        .filter(({ path }) => Object.hasOwn(found, path))
        .map(({ path }) => [path, found[path]] as const)
      const nowSecret = problemsOfNames(keys, known)
      const changed = changedPaths(stream.state.values, found)
      const problems = nowSecret.length > 0 ? nowSecret : await problemsOfValues(manager, found, changed)
      if (problems.length > 0) return RollbackConfig.reject('invalid', { problems })
      if (changed.length === 0) return { version: stream.version }
      stream.emit(ConfigSet(setData({ values: found, changed }, reason ?? `Back to version ${version}.`)))
      return { version: stream.version + 1 }
    }),
    handle(ShowConfig, async () => ({
      ...(manager.process !== undefined && { process: manager.process }),
      keys: config.show(),
      version: manager.stored?.version ?? 0,
    })),
    handle(ReadConfigHistory, async (range, context) => {
      const { items, hasMore } = await context.history(ConfigValuesStream, valuesId, range)
      return {
        hasMore,
        items: items.map(({ data, version, createdAt, senderTenant, senderIdentity }) => ({
          ...shownData(keys, setOf(data)),
          version,
          at: createdAt,
          ...(senderTenant !== undefined && { tenant: senderTenant }),
          ...(senderIdentity !== undefined && { identity: senderIdentity }),
        })),
      }
    }),
    handle(ListConfigProcesses, (input, context) => processes(manager, input, context)),
    handle(
      ReportConfig,
      async ({ leaves, failure, ...report }, context) => {
        const stream = await context.load(ConfigProcessStream, report.process)
        if (await isTaken(stream.state, report, context, clock.nowUs())) return ReportConfig.reject('taken')
        if (leaves === true) stream.emit(ConfigProcessLeft({ process: report.process }))
        else if (failure === undefined) stream.emit(ConfigFollowed(report))
        else {
          stream.emit(ConfigReloadFailed({ ...report, failure }))
          const resource = `ConfigProcess/${report.process}`
          context.audit({ action: 'Config.Reload', outcome: 'failed', resource, reason: failure.reason })
        }
      },
      appOnly,
    ),
    handle(StoredConfig, (_, context) => newestOf(context), appOnly),
  ] as readonly Handler<ConfigContract>[]
}

/** Whether another process has the name. Who was silent for long is gone, and leaves it. */
async function isTaken(
  { report }: ProcessState,
  { process, instance }: ConfigReport,
  context: CommandContext,
  nowUs: number,
): Promise<boolean> {
  if (instance === undefined || report === undefined || report.instance === instance) return false
  const [last] = (await context.history(ConfigProcessStream, process, { limit: 1 })).items
  return last !== undefined && !isSilent({ updatedAt: last.createdAt }, nowUs)
}

function setData(
  { values, changed }: { readonly values: NamedValues; readonly changed: readonly string[] },
  reason: string | undefined,
): ConfigSetData {
  return { values, changed, ...(reason !== undefined && { reason }) }
}

/** What is set now, as the log has it: a process that begins waits for no view. */
async function newestOf(context: HandlerContext): Promise<StoredValues> {
  const [newest] = (await context.history(ConfigValuesStream, valuesId, { limit: 1 })).items
  if (newest === undefined) return { version: 0, values: {} }
  return { version: newest.version, values: setOf(newest.data).values }
}

/** All values of a version; `undefined` when there is no such one. */
async function valuesAt(context: CommandContext, version: number, last: number): Promise<NamedValues | undefined> {
  if (version === 0) return {}
  if (version > last) return undefined
  const { items } = await context.history(ConfigValuesStream, valuesId, { before: version + 1, limit: 1 })
  const [set] = items
  return set && setOf(set.data).values
}

/** The stream has events of this one kind, which its schema has let in. */
function setOf(data: unknown): ConfigSetData {
  return data as ConfigSetData
}

/** Looks until every process has answered, or the time is over. */
async function processes(
  { clock }: Manager,
  { version: asked, waitMs = 0 }: ProcessesInput,
  context: HandlerContext,
): Promise<ConfigProcesses> {
  const untilUs = clock.monotonicUs() + waitMs * 1_000
  for (;;) {
    const newest = (await newestOf(context)).version
    const heard = await heardLately(context.read(configProcesses), clock.nowUs())
    const found = convergence(heard, asked ?? newest, clock.nowUs())
    const hasAnswered = found.processes.every(({ state, version }) => state !== 'pending' || version >= found.version)
    const leftMs = (untilUs - clock.monotonicUs()) / 1_000
    if ((hasAnswered && newest >= found.version) || leftMs <= 0) return found
    await pause(clock, Math.min(lookEveryMs, leftMs), context.signal)
  }
}

/** From the newest on: processes that were stopped or killed stay in the view, and with time there are more of them than of others. */
async function heardLately(
  models: Pick<Models<ProcessState>, 'list'>,
  nowUs: number,
): Promise<readonly Model<ProcessState>[]> {
  const heard: Model<ProcessState>[] = []
  const { total } = await models.list({ pageSize: 1 })
  for (let page = Math.ceil(total / pageSize); page > 0; page--) {
    const { items } = await models.list({ orderBy: 'updatedAt', pageSize, page })
    heard.push(...items)
    if (items[0] !== undefined && isSilent(items[0], nowUs)) break
  }
  return heard
}
