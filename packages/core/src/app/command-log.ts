// The command log as a started app has it: what its store recorded, traces and new issues of commands, and the copy in another store.
import type { DecideHandler } from '../aggregates/aggregate.ts'
import type { AppCommandLog } from '../command-log/app-command-log.ts'
import { startCopy } from '../command-log/copy.ts'
import type { CommandLogStatus } from '../command-log/command-log-status.ts'
import type { Marks } from '../command-log/payload.ts'
import { createReissue } from '../command-log/reissue.ts'
import { createTracer } from '../command-log/trace-of.ts'
import { viewsOf } from '../command-log/trace-views.ts'
import type { ContractParts } from '../contracts/contract.ts'
import { dispatch } from '../dispatch/dispatch.ts'
import type { Engine } from '../dispatch/engine.ts'
import type { RunningReadModels } from '../pump/read-models.ts'
import type { OpenBackend } from '../stores/backend.ts'
import type { CommandLogBackend } from '../stores/command-log/command-log-store.ts'
import type { Catalogue } from './catalogue.ts'
import type { Retention } from './retention.ts'

export interface OpenedCommandLog extends AsyncDisposable {
  readonly commandLog: AppCommandLog
}
export interface CommandLogParts {
  readonly backend: OpenBackend
  readonly engine: Engine
  readonly catalogue: Catalogue
  readonly readModels: RunningReadModels
  /** How recording goes. */
  readonly recorded: Omit<CommandLogStatus, 'copy' | 'retentionError'>
  readonly retention: Pick<Retention, 'lastError'>
  /** Where a copy goes. */
  readonly copyTo: CommandLogBackend | undefined
}

/** What is asked of the callers of each command: a level, or `custom` for a check. */
export function askedBy(permissions: Catalogue['permissions']): ReadonlyMap<string, string> {
  return new Map([...permissions].map(([type, asked]) => [type, typeof asked === 'string' ? asked : 'custom']))
}

/**
 * The fields of each command that its record does without: those that its contract marks, and those that have the name of a personal
 * field of an event that it may store. What an erasure makes unreadable in the events must not stay readable in the command log.
 */
export function marksOf({ handlers, events }: Catalogue): ReadonlyMap<string, Marks> {
  const ofAll = personalFields([...events.values()])
  const marked = new Map<string, Marks>()
  for (const { contract, handler } of handlers) {
    if (contract.kind !== 'command') continue
    const { aggregate } = handler as Partial<DecideHandler>
    const personal = aggregate ? personalFields([...aggregate.folds.values()].map((fold) => fold.contract)) : ofAll
    const marks: Marks = { ...Object.fromEntries(personal.map((field) => [field, 'personal'])), ...contract.redact }
    if (Object.keys(marks).length > 0) marked.set(contract.type, marks)
  }
  return marked
}
function personalFields(events: readonly ContractParts[]): readonly string[] {
  return events.flatMap(({ personal }) => personal?.fields ?? [])
}

/** Starts the copy, if there is one to be made. */
export function openAppCommandLog(parts: CommandLogParts): OpenedCommandLog {
  const { backend, engine, catalogue, readModels, recorded, retention } = parts
  const { commandLog: log, events, outbox } = backend
  const copy = copyOf(parts)
  const withInput = new Set(
    catalogue.handlers.flatMap(({ contract }) => (contract.input === undefined ? [] : [contract.type])),
  )
  return {
    commandLog: {
      get: async (tenant, commandId) => log.get(tenant, commandId),
      list: async (filter, page) => log.list(filter, page),
      total: async (filter) => log.total(filter),
      redact: async (tenant, commandId) => log.redact(tenant, commandId),
      purge: async (request) => log.purge(request),
      info: async () => log.info(),
      get status() {
        return { ...recorded, retentionError: retention.lastError, copy: copy?.status() }
      },
      trace: createTracer({
        commandLog: log,
        events,
        outbox,
        jobs: backend.jobs,
        views: (range) => viewsOf(readModels, range),
      }),
      reissue: createReissue({
        commandLog: log,
        takesInput: (type) => withInput.has(type),
        dispatch: (message, options) => dispatch(engine, message, options),
      }),
    },
    [Symbol.asyncDispose]: async () => copy?.[Symbol.asyncDispose](),
  }
}

/** In the processes that do such work: of a store that may be changed, without a role or with the role `worker`. */
function copyOf({ backend, engine, copyTo }: CommandLogParts): ReturnType<typeof startCopy> | undefined {
  const { role, alarms, clock, ids } = engine
  if (copyTo === undefined || backend.readOnly === true || (role !== undefined && role !== 'worker')) return undefined
  const { commandLog: from, events, leases } = backend
  return startCopy({ from, open: () => copyTo.open({ clock, ids }), events, leases, alarms, ids })
}
